"""The quick way from a batch to points: msgspec checks and converts in C what the table of readings says.

Made from the same table as `decode_envelope` and never of another opinion: what it takes, that takes, too,
with the same values. What it does not take is not wrong yet: it goes the plain way, which also says why.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import itemgetter, or_
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from msgspec import Meta, MsgspecError, Struct, defstruct
from msgspec.json import Decoder
from msgspec.structs import astuple
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from contract.envelope import MAX_AHEAD_MS, MAX_READINGS, Envelope
from contract.readings import ADDRESS_TAGS, KINDS, Reading
from contract.topics import MAX_MESSAGE_BYTES, Address
from contract.types import Measurement, Point

# Tags and texts that were found right are remembered: the same devices report again and again. A gateway that
# names ever new ones makes us forget, not grow.
_REMEMBERED = 100_000
_BOUNDS = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickBatch:
    """A batch that is right as a whole."""

    epoch: str
    seq: int
    points: list[Point]


def quick_batch(address: Address, payload: bytes, *, now_ms: int) -> QuickBatch | None:
    """The points of a batch that is right as a whole; None: read it the plain way."""
    if len(payload) > MAX_MESSAGE_BYTES:
        return None
    try:
        batch = _BATCHES.decode(payload)
    except (MsgspecError, ValueError):  # the latter where bytes are no UTF-8
        return None
    if not _right_header(batch):
        return None
    seq, latest = (batch.seq,), now_ms + MAX_AHEAD_MS
    source = (address.district, address.school, address.gateway, batch.epoch)
    of_source: dict[type[Struct], _KindOfSource] = {}
    points: list[Point] = []
    for item in batch.readings:
        shape = item.__class__
        found = of_source.get(shape)
        if found is None:
            found = of_source[shape] = _KIND_OF[shape].of_source(source)
        kind, measurement, own, rest, known = found
        values = astuple(item)
        time = values[rest.start - 1]
        tags = known.get(values[own]) or kind.tags_of(source, values[own])
        if tags is None or time > latest:
            return None
        if kind.text_names and kind.texts(values) not in kind.known_texts and not kind.right_texts(values):
            return None
        points.append(_new(Point, (measurement, tags, time, seq + values[rest])))
    return QuickBatch(epoch=batch.epoch, seq=batch.seq, points=points)


_new: Callable[[type[Point], tuple[Any, ...]], Point] = tuple.__new__


_Tags = tuple[str, ...]


class _KindOfSource(NamedTuple):
    """What the loop over readings needs: where own tags and fields are among the values, and tags known."""

    kind: "_Kind"
    measurement: Measurement
    own: slice
    rest: slice
    known: dict[_Tags, _Tags]


@dataclass(slots=True, kw_only=True)
class _Kind:
    """One kind of reading: its values come as its own tags, the time, its fields."""

    measurement: Measurement
    width: int
    texts: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    checks: Mapping[str, TypeAdapter[Any]]
    text_names: tuple[str, ...]
    known_tags: dict[_Tags, dict[_Tags, _Tags]] = field(default_factory=dict)
    known_texts: set[tuple[Any, ...]] = field(default_factory=set)
    remembered: int = 0

    def of_source(self, source: _Tags) -> _KindOfSource:
        own, rest = slice(self.width), slice(self.width + 1, None)
        if len(self.known_tags) >= _REMEMBERED:
            self.known_tags.clear()
        return _KindOfSource(self, self.measurement, own, rest, self.known_tags.setdefault(source, {}))

    def tags_of(self, source: _Tags, own: _Tags) -> _Tags | None:
        """All tags of a device seen for the first time; later the same tuple. None: one is not right."""
        if not self._right(zip(self.measurement.tag_names[len(ADDRESS_TAGS) :], own, strict=True)):
            return None
        if self.remembered >= _REMEMBERED:
            self.known_tags.clear()
            self.remembered = 0
        self.remembered += 1
        tags = self.known_tags.setdefault(source, {})[own] = source + own
        return tags

    def right_texts(self, values: tuple[Any, ...]) -> bool:
        """Whether texts among the fields that were not seen before are what the table says of each."""
        found = self.texts(values)
        if not self._right(zip(self.text_names, found, strict=True)):
            return False
        if len(self.known_texts) >= _REMEMBERED:
            self.known_texts.clear()
        self.known_texts.add(found)
        return True

    def _right(self, named: Any) -> bool:
        try:
            for name, value in named:
                if name in self.checks:
                    self.checks[name].validate_python(value, strict=True)
        except ValidationError:
            return False
        return True


def _shape(annotation: Any, metadata: Iterable[Any] = ()) -> Any:
    """An annotation as msgspec has it, with bounds and choices; patterns are left to `_Kind.checks`."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _shape(inner, (*marks, *metadata))
    if get_origin(annotation) is not Literal and (parts := get_args(annotation)):
        return reduce(or_, (_shape(part, metadata) for part in parts))
    bounds = {_BOUNDS[type(mark)]: mark for mark in _flat(metadata) if type(mark) in _BOUNDS}
    if not bounds or annotation is NoneType:
        return annotation
    return Annotated[annotation, Meta(**{name: getattr(mark, name) for name, mark in bounds.items()})]


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    for mark in metadata:
        yield from _flat(mark.metadata) if isinstance(mark, FieldInfo) else (mark,)


def _checker(info: FieldInfo) -> TypeAdapter[Any]:
    described: Any = Annotated[info.annotation, info]
    return TypeAdapter(described)


def _is_text(annotation: Any) -> bool:
    """Whether it holds text that is no choice of a few words."""
    if get_origin(annotation) is Literal:
        return False
    return annotation is str or any(_is_text(part) for part in get_args(annotation))


def _struct(model: type[Reading]) -> type[Struct]:
    """A reading as msgspec reads it: its own tags, the time, its fields, in this order."""
    measurement = model.measurement
    names = (*measurement.tag_names[len(ADDRESS_TAGS) :], "time", *measurement.field_names[1:])
    return defstruct(
        model.__name__,
        [_line(name, model.model_fields[name]) for name in names],
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
        tag_field="kind",
        tag=measurement.name,
    )


def _kind(model: type[Reading]) -> _Kind:
    measurement = model.measurement
    own = measurement.tag_names[len(ADDRESS_TAGS) :]
    infos = model.model_fields
    places = {name: len(own) + 1 + place for place, name in enumerate(measurement.field_names[1:])}
    texts = tuple(name for name in places if _is_text(infos[name].annotation))
    return _Kind(
        measurement=measurement,
        width=len(own),
        checks={name: _checker(infos[name]) for name in (*own, *texts)},
        text_names=texts,
        texts=_picker([places[name] for name in texts]),
    )


def _picker(places: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


def _line(name: str, info: FieldInfo) -> tuple[Any, ...]:
    """A field as defstruct takes it: name, type, and the default where it need not be there."""
    shape = _shape(info.annotation, info.metadata)
    return (name, shape) if info.is_required() else (name, shape, info.default)


def _batch_struct(readings: Iterable[type[Struct]]) -> type[Struct]:
    some = Meta(min_length=1, max_length=MAX_READINGS)
    lines = [_line(name, info) for name, info in _HEADER.items()]
    lines.append(("readings", Annotated[list[reduce(or_, readings)], some]))  # type: ignore[misc]  # made
    return defstruct("Batch", lines, kw_only=True, forbid_unknown_fields=True)


def _right_header(batch: Any) -> bool:
    try:
        for name, checker in _HEADER_TEXTS.items():
            checker.validate_python(getattr(batch, name), strict=True)
    except ValidationError:
        return False
    return True


_KIND_OF = {_struct(model): _kind(model) for model in KINDS}
_HEADER = {name: info for name, info in Envelope.model_fields.items() if name != "readings"}
_HEADER_TEXTS = {name: _checker(info) for name, info in _HEADER.items() if _is_text(info.annotation)}
_BATCHES: Decoder[Any] = Decoder(_batch_struct(_KIND_OF))
