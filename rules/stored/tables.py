"""What an evaluation leaves in the store: verdicts, rooms' coverage, districts' figures.

A point's time is the moment of evaluation, so that the history of every verdict is kept. It is stored when it
changes, and whole once a day and whenever something is judged no more (`rounds`). Exact numbers
are decimal text, as in the JSON output; fields that end in `_number` repeat them as floats for charts only,
and `passed` and `known` are 0 or 1, so that a share that is nothing is 0 and not missing. Names stand in the
rows because a chart cannot look them up; `charted` fills all of these in.
"""

from contract import Column, Measurement


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, type="text", meaning=meaning)


def _number(name: str, meaning: str) -> Column:
    return Column(name=name, type="float", meaning=meaning)


def _integer(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", unit="1", low=0, meaning=meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, type="integer", low=0, high=1, meaning=meaning)


_PASSED = _flag("passed", "1 where the answer is pass, else 0")
_KNOWN = _flag("known", "1 where there is an answer, 0 where undetermined")
SCHOOL_NAME_FIELD = _text("school_name", "What the registry calls the school")
ROOM_NAME_FIELD = _text("room_name", "What the registry calls the room")
_DISTRICT = Column(name="district", type="text", required=True, meaning="District, 6 digits")
_SCHOOL = Column(name="school", type="text", required=True, meaning="School code, 10 digits")
_STAGE = Column(
    name="stage", type="text", required=True, choices=("primary", "junior", "school"), meaning="Section"
)
_INDICATOR = Column(
    name="indicator",
    type="text",
    required=True,
    meaning="Code of the standard (nationally L1…L7), overall, wireless, G2…G5",
)

VERDICT = Measurement(
    name="verdict",
    kept="records",
    tags=(_DISTRICT, _SCHOOL, _STAGE, _INDICATOR),
    fields=(
        Column(
            name="verdict",
            type="text",
            choices=("pass", "fail", "undetermined"),
            required=True,
            meaning="The answer",
        ),
        _text("reason", "Why, in Chinese"),
        _text("reason_json", "Why, as code and arguments"),
        _text("standard", "Standard that was applied"),
        _text("as_of", "Date the evaluation stands for"),
        _text("numerator", "Exact numerator"),
        _text("denominator", "Exact denominator"),
        _text("value", "Value as shown"),
        _text("threshold", "Threshold"),
        _text("floor", "The standard's share of the threshold that must be kept"),
        _text("declared", "Figure declared on the form"),
        _text("observed", "Figure observed by the platform"),
        _text("completeness", "Share of what should have been observed that was, 0 to 1"),
        _text("share", "The section's part of what its school has, as a fraction"),
        _text("amount", "What is there, exactly: 7, 9/2..7 (at least, at most), 7.. or .. (not known)"),
        _text("missing_json", "What is not known of it, as code and arguments"),
        Column(name="near", type="boolean", meaning="Near the threshold (临界)"),
        _integer("gap", "Least whole number of the indicator's unit that would close the shortfall"),
        _number("value_number", "Value, for charts"),
        _number("threshold_number", "Threshold, for charts"),
        _number("numerator_number", "Numerator, for charts"),
        _number("denominator_number", "Denominator, for charts"),
        _number("declared_number", "Declared figure, for charts"),
        _number("observed_number", "Observed figure, for charts"),
        _number("completeness_number", "Completeness, for charts"),
        _PASSED,
        _KNOWN,
        _text("item", "Figure of the form that the indicator is about, whatever its code"),
        SCHOOL_NAME_FIELD,
    ),
    meaning="The answer for one section of a school and one indicator.",
)

ROOM_COVERAGE = Measurement(
    name="room_coverage",
    kept="records",
    tags=(_DISTRICT, _SCHOOL, Column(name="room", type="text", required=True, meaning="Room")),
    fields=(
        Column(
            name="verdict",
            type="text",
            choices=("pass", "fail", "undetermined"),
            required=True,
            meaning="Covered, not covered, or not known",
        ),
        _text("reason", "Why, in Chinese"),
        _text("reason_json", "Why, as code and arguments"),
        _text("area_class", "key, minor or outdoor"),
        _integer("points", "Measuring points with a sample"),
        _integer("points_covered", "Of these, above the limits"),
        _integer("points_required", "Measuring points the area asks for"),
        Column(name="worst_rssi_dbm", type="integer", unit="dBm", low=-127, high=0, meaning="Weakest point"),
        _integer("ap_samples", "Times the serving access points were seen in school hours"),
        _integer("ap_up", "Of these, up"),
        Column(name="signal_source", type="boolean", meaning="An access point of the room is up (有信号源)"),
        _PASSED,
        _KNOWN,
        SCHOOL_NAME_FIELD,
        ROOM_NAME_FIELD,
    ),
    meaning="Whether one room is covered by wireless, and the counts behind the answer.",
)

DISTRICT_INDICATOR = Measurement(
    name="district_indicator",
    kept="records",
    tags=(_DISTRICT, _STAGE, _INDICATOR),
    fields=(
        _text("standard", "Standard that was applied"),
        _text("as_of", "Date the evaluation stands for"),
        _integer("passing", "Sections that pass"),
        _integer("failing", "Sections that fail"),
        _integer("undetermined", "Sections without an answer"),
        _text("rate", "Share of sections that pass, %"),
        _text("mean", "District's ratio"),
        _text("sd", "Pupil-weighted standard deviation"),
        _text("cv", "Difference coefficient (差异系数)"),
        _text("cv_limit", "Its limit"),
        _integer("sections_unknown", "Sections whose figure is not known: those above are of the others"),
        _text("mean_least", "Where some are not known: the least that the district's ratio may be"),
        _text("mean_most", "The most that it may be; missing beside a least: without end"),
        _text("cv_least", "Where some are not known: the least that the difference coefficient may be"),
        _text("cv_most", "The most that it may be; missing beside a least: without end"),
        Column(name="balanced", type="boolean", meaning="Difference coefficient within its limit"),
        _number("rate_number", "Rate, for charts"),
        _number("cv_number", "Difference coefficient, for charts"),
        _number("mean_number", "District's ratio, for charts"),
        _number("cv_limit_number", "Limit of the difference coefficient, for charts"),
        _text("district_name", "What the registry calls the district"),
        Column(
            name="whole_ms",
            type="integer",
            unit="ms",
            low=0,
            meaning="Wireless of the whole school only, told at every evaluation: when all was stored last; "
            "what was not stored since is unchanged. Missing: everything was stored at this one",
        ),
    ),
    meaning="One indicator over all sections of a stage in a district.",
)

UTILISATION = Measurement(
    name="utilisation",
    kept="records",
    tags=(
        _DISTRICT,
        _SCHOOL,
        Column(
            name="rate",
            type="text",
            required=True,
            choices=("U1", "U2", "U3", "U4", "U5"),
            meaning="Lessons used, time on, rooms unused, devices in order, lessons used per pupil",
        ),
    ),
    fields=(
        _text("as_of", "Date the evaluation stands for"),
        _text("numerator", "Exact numerator"),
        _text("denominator", "Exact denominator"),
        _text("value", "The rate, 0 to 1; lessons per pupil; missing where data are not enough"),
        _text("completeness", "Share of what the rate should rest on that is known, 0 to 1"),
        Column(name="enough", type="boolean", required=True, meaning="Complete enough to give a rate"),
        _text("verdict", "pass, fail or undetermined; devices in order only"),
        _text("reason", "What the rate rests on, in Chinese"),
        _text("reason_json", "What the rate rests on, as code and arguments"),
        _number("value_number", "The rate, for charts"),
        _number("numerator_number", "Numerator, also where data are not enough"),
        _number("denominator_number", "Denominator, also where data are not enough"),
        _number("completeness_number", "Completeness, for charts"),
        SCHOOL_NAME_FIELD,
    ),
    meaning="How much a school's displays are used, and how many are in order.",
)

_ALERT = Column(name="alert", type="text", required=True, meaning="Name of the alert in its rules file")

ALERT = Measurement(
    name="alert",
    kept="records",
    tags=(
        _DISTRICT,
        _SCHOOL,
        _ALERT,
        Column(name="subject", type="text", required=True, meaning="Access point, room, device, …"),
    ),
    fields=(
        Column(
            name="status",
            type="text",
            choices=("inactive", "pending", "firing", "withdrawn"),
            required=True,
            meaning="Where it stands from this moment on",
        ),
        _text("severity", "info, warning or critical"),
        _text("title", "What the rule calls it, in Chinese"),
        _text("title_en", "The same in English"),
        Column(name="since_ms", type="integer", unit="ms", low=0, meaning="When the trouble began"),
        Column(name="changed_ms", type="integer", unit="ms", low=0, meaning="When the status changed last"),
        Column(name="good_since_ms", type="integer", unit="ms", low=0, meaning="Firing, but well since then"),
        Column(name="seen_good", type="boolean", meaning="Was seen well before"),
        Column(name="announced", type="boolean", meaning="The last word sent out was: firing"),
        Column(name="value", type="integer", unit="1", meaning="What was observed, on the rule's own scale"),
        _text("room", "Room, where it has one"),
        _text("detail", "What the observation says beside its value; why it is withdrawn. In Chinese"),
        _text("detail_json", "The same as code and arguments"),
        Column(name="silent_since_ms", type="integer", unit="ms", low=0, meaning="Its last word, if silent"),
        Column(name="missed_ms", type="integer", unit="ms", low=0, meaning="First whole round without it"),
        SCHOOL_NAME_FIELD,
        ROOM_NAME_FIELD,
    ),
    meaning="One change in where an alert stands. The newest row of a subject is all that is known of it.",
)

ALERT_MESSAGE = Measurement(
    name="alert_message",
    kept="records",
    tags=(
        _DISTRICT,
        _SCHOOL,
        _ALERT,
        Column(
            name="kind",
            type="text",
            required=True,
            choices=("firing", "resolved", "withdrawn"),
            meaning="What is told",
        ),
    ),
    fields=(
        Column(name="title", type="text", required=True, meaning="First line, in Chinese"),
        _text("title_en", "The same in English"),
        _text("body", "A line a subject, in Chinese"),
        _text("body_en", "The same in English"),
        _text("severity", "info, warning or critical"),
        _integer("subjects", "How many subjects it is about"),
    ),
    meaning="One message handed over for sending.",
)

ALERT_ROUND = Measurement(
    name="alert_round",
    kept="records",
    tags=(Column(name="program", type="text", required=True, meaning="Who judged: watch, or watch 2/4"),),
    fields=(
        Column(name="judged", type="integer", unit="1", low=0, required=True, meaning="Subjects looked at"),
    ),
    meaning="An instant at which the alerts were judged; a replay judges at the same ones.",
)

RESULTS: dict[str, Measurement] = {
    table.name: table
    for table in (
        VERDICT,
        ROOM_COVERAGE,
        DISTRICT_INDICATOR,
        UTILISATION,
        ALERT,
        ALERT_MESSAGE,
        ALERT_ROUND,
    )
}
