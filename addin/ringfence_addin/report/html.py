"""The report as one HTML file: no scripts, nothing loaded from anywhere."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from ringfence_addin.report import formats, palette, wording
from ringfence_addin.report.chart import chart
from ringfence_addin.report.model import Band, Report


def render(report: Report) -> bytes:
    """The page in UTF-8."""
    page = _template().render(
        report=report,
        chart=chart(report),
        worst=report.nearest.band if report.nearest else Band.NEVER,
    )
    return page.encode("utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(f=formats, w=wording, palette=palette, Band=Band)
    environment.filters["share"] = _share
    source = files("ringfence_addin.report") / "report.html.j2"
    return environment.from_string(source.read_text("utf-8"))


def _share(fraction: float) -> str:
    """A share of the width, for SVG."""
    return f"{fraction * 100:.3f}%"
