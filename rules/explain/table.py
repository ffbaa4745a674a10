"""An explanation as a tree for a terminal."""

from rich.text import Text
from rich.tree import Tree

from registry.vocabulary import VERDICT_NAMES
from rules.explain.explanation import LEVEL_NAMES, Node

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
}


def to_tree(node: Node, tree: Tree | None = None) -> Tree:
    """One branch a node, each with answer, reason, completeness and figures."""
    branch = Tree(_label(node)) if tree is None else tree.add(_label(node))
    for part in node.parts:
        to_tree(part, branch)
    return branch


def _label(node: Node) -> Text:
    text = Text()
    text.append(f"{LEVEL_NAMES[node.level]} {node.name}", style="bold" if node.parts else "")
    if node.answer is not None:
        word = {str(verdict): name for verdict, name in VERDICT_NAMES.items()}.get(node.answer)
        text.append(f" {word + ' ' if word else ''}{node.answer}", style=_STYLES.get(node.answer, ""))
    if node.reason:
        text.append(f" {node.reason}")
    if node.completeness is not None:
        text.append(f" · 完整率 completeness {node.completeness}", style="dim")
    shown = [f"{name} {value}" for name, value in node.figures if value is not None and name not in _HIDDEN]
    if shown:
        text.append(" · " + ", ".join(shown), style="dim")
    return text
