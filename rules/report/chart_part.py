"""A chart as a part of the document itself (DrawingML): drawn by the reader's program, in the reader's fonts.

A picture would need a Chinese font on the machine that draws it; this needs none, stays sharp in print,
and holds its figures as text.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from registry.exact import rounded
from rules.report.blocks import Chart, Series

_NAMES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_TEXT = (
    '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="900"><a:ea typeface="宋体"/></a:defRPr></a:pPr>'
    '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
)
_CATEGORY_AXIS, _VALUE_AXIS = 111, 222
_PLACES = 4


def chart_xml(chart: Chart) -> bytes:
    """The chart part: columns, with limits as dashed lines over them."""
    numbered = list(enumerate(chart.series))
    columns = [_series(number, series, chart) for number, series in numbered if not series.line]
    lines = [_series(number, series, chart) for number, series in numbered if series.line]
    axes = f'<c:axId val="{_CATEGORY_AXIS}"/><c:axId val="{_VALUE_AXIS}"/>'
    plots = (
        '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        f'{"".join(columns)}<c:gapWidth val="80"/>{axes}</c:barChart>'
    )
    if lines:
        plots += (
            '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
            f'{"".join(lines)}<c:marker val="1"/>{axes}</c:lineChart>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace {_NAMES}><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
        f"<c:plotArea><c:layout/>{plots}{_axes(chart)}</c:plotArea>"
        f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{_TEXT}</c:legend>'
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"{_TEXT}</c:chartSpace>"
    ).encode()


def frame_xml(relation: str, number: int, *, width_emu: int, height_emu: int, caption: str) -> str:
    """The run in the text that shows chart number `number`."""
    return (
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        'distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{width_emu}" cy="{height_emu}"/>'
        f'<wp:docPr id="{number}" name="chart{number}" descr="{escape(caption, {chr(34): "&quot;"})}"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        '<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        f'r:id="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def _series(number: int, series: Series, chart: Chart) -> str:
    fill = f'<a:solidFill><a:srgbClr val="{series.colour}"/></a:solidFill>'
    dash = ("dash", "sysDot")[number // 2 % 2]  # each limit its own: paper has no colour
    if series.line:
        shape = f'<c:spPr><a:ln w="19050">{fill}<a:prstDash val="{dash}"/></a:ln></c:spPr>'
        shape += '<c:marker><c:symbol val="none"/></c:marker>'
    else:
        edge = '<a:ln w="6350"><a:solidFill><a:srgbClr val="000000"/></a:solidFill></a:ln>'
        shape = f'<c:spPr>{fill}{edge}</c:spPr><c:invertIfNegative val="0"/>'
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f"<c:tx><c:v>{escape(series.name)}</c:v></c:tx>{shape}"
        f"<c:cat><c:strLit>{_points(chart.categories)}</c:strLit></c:cat>"
        f"<c:val><c:numLit><c:formatCode>{chart.number_format}</c:formatCode>"
        f"{_points([None if v is None else rounded(v, _PLACES) for v in series.values])}</c:numLit></c:val>"
        + ('<c:smooth val="0"/>' if series.line else "")
        + "</c:ser>"
    )


def _points(values: Sequence[str | None]) -> str:
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{escape(value)}</c:v></c:pt>'
        for index, value in enumerate(values)
        if value is not None
    )
    return f'<c:ptCount val="{len(values)}"/>{points}'


def _axes(chart: Chart) -> str:
    ticks = '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
    crosses = '<c:crosses val="autoZero"/>'
    most = "" if chart.maximum is None else f'<c:max val="{chart.maximum}"/>'
    step = "" if chart.step is None else f'<c:crossBetween val="between"/><c:majorUnit val="{chart.step}"/>'
    grid = '<a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln>'
    return (
        f'<c:catAx><c:axId val="{_CATEGORY_AXIS}"/>'
        '<c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/>'
        '<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'{ticks}<c:crossAx val="{_VALUE_AXIS}"/>{crosses}</c:catAx>'
        f'<c:valAx><c:axId val="{_VALUE_AXIS}"/>'
        '<c:scaling><c:orientation val="minMax"/>'
        f'{most}<c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>'
        f"<c:majorGridlines><c:spPr>{grid}</c:spPr></c:majorGridlines>"
        f'<c:numFmt formatCode="{chart.number_format}" sourceLinked="0"/><c:majorTickMark val="out"/>'
        f'{ticks}<c:crossAx val="{_CATEGORY_AXIS}"/>{crosses}{step}</c:valAx>'
    )
