"""An explanation as a tree for a terminal."""

from rich.text import Text
from rich.tree import Tree

from rules.explain.explanation import Node
from rules.words import name, worded

_STYLES = {
    "pass": "green",
    "fail": "red",
    "undetermined": "yellow",
    "working": "green",
    "not_working": "red",
    "unknown": "yellow",
    "counted": "green",
    "up": "green",
    "down": "red",
}
# What others say in words is not said again in the tree; JSON has all of it.
_HIDDEN = {
    "polls",
    "answered",
    "working",
    "faulty",
    "known",
    "up",
    "rssi_dbm",
    "lessons_known",
    "lessons_used",
    "gap",
}


def to_tree(node: Node, tree: Tree | None = None) -> Tree:
    """One branch a node, each with answer, reason, completeness and figures."""
    branch = Tree(_label(node)) if tree is None else tree.add(_label(node))
    for part in node.parts:
        to_tree(part, branch)
    return branch


def _label(node: Node) -> Text:
    text = Text()
    text.append(f"{name('levels', node.level)} {worded(node.name)}", style="bold" if node.parts else "")
    if node.answer is not None:
        text.append(f" {name('answers', node.answer)}", style=_STYLES.get(node.answer, ""))
    if node.lacking:
        text.append(f" {worded(node.lacking)}", style="bold")
    if node.reason:
        text.append(f" {worded(node.reason)}")
    if node.completeness is not None:
        text.append(f" · {name('figures', 'completeness')} {node.completeness}", style="dim")
    shown = [
        f"{name('figures', figure)} {worded(value)}"
        for figure, value in node.figures
        if value is not None and figure not in _HIDDEN
    ]
    if shown:
        text.append(" · " + ", ".join(shown), style="dim")
    return text
