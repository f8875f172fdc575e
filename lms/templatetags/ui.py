"""Parts of the design system that need code. Built in: templates need no {% load %}.

Figures, dates and codes go through the filters here: each comes out inside <bdi dir="ltr">, so
that it keeps its order in a right-to-left page.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.http import QueryDict
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from lms.lib import charts
from lms.lib.idnumbers import mask_id
from lms.lib.searching import listed

register = template.Library()
CURRENT = ' aria-current="true"'

NOTHING = "—"
MINUS = "−"
Number = int | float | Decimal
#: Arrows that point the other way in a right-to-left page.
POINTING = {"back", "chevron-right", "undo", "leave"}


# --- Icons and chips ----------------------------------------------------------------------------
@lru_cache(maxsize=1)
def drawings() -> dict[str, str]:
    """Name → drawing, as they stand in the sprite."""
    sprite = (Path(settings.BASE_DIR) / "static" / "icons.svg").read_text(encoding="utf-8")
    found = re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', sprite)
    return dict(found)


@register.simple_tag
def icon(name: str, label: str = "", inline: bool = False) -> SafeString:
    """A drawing of the sprite. `label` for one that stands alone; `inline` spares phones a file."""
    href = "" if inline else static("icons.svg")
    if label:
        return _drawn(name, href, format_html('role="img" aria-label="{}"', label))
    return _unnamed(name, href)


@lru_cache(maxsize=500)
def _unnamed(name: str, href: str) -> SafeString:
    """Kept: a page shows the same few up to a hundred times."""
    return _drawn(name, href, 'aria-hidden="true"')


def _drawn(name: str, href: str, names: str) -> SafeString:
    if name not in drawings():
        raise LookupError(f"there is no icon {name} in static/icons.svg")
    inside = format_html('<use href="{}#{}"/>', href, name) if href else drawings()[name]
    return format_html(
        '<svg class="ic{}" viewBox="0 0 24 24" {}>{}</svg>',
        " ic-dir" if name in POINTING else "",
        mark_safe(names),  # noqa: S308 - built by format_html or a constant
        mark_safe(inside),  # noqa: S308 - our own sprite
    )


@register.simple_tag
def chip(kind: str, icon_name: str, text: object, inline: bool = False) -> SafeString:
    """A verdict: shape, word and tint. Kinds: good, warn, bad, info, mute."""
    shape = icon(icon_name, inline=inline) if icon_name else ""
    return format_html('<span class="chip chip-{}">{}{}</span>', kind, shape, text)


# --- Figures and dates --------------------------------------------------------------------------
def _ltr(text: str, css: str = "") -> SafeString:
    if css:
        return format_html('<bdi dir="ltr" class="{}">{}</bdi>', css, text)
    return format_html('<bdi dir="ltr">{}</bdi>', text)


def plain_number(value: Number, decimals: int = 0) -> str:
    """1,234 and −1,234.5, for where no markup may stand."""
    text = f"{value:,.{decimals}f}"
    return MINUS + text[1:] if text.startswith("-") else text


@register.filter
def num(value: Number | None, decimals: int = 0) -> SafeString | str:
    return NOTHING if value is None or value == "" else _ltr(plain_number(value, decimals))


@register.filter
def signed(value: Number | None, decimals: int = 1) -> SafeString | str:
    """+12.8 and −4.5: points against a plan."""
    if value is None or value == "":
        return NOTHING
    return _ltr(("+" if value > 0 else "") + plain_number(value, decimals))


@register.filter
def pct(value: Number | None, decimals: int = 1) -> SafeString | str:
    """76.2 % from 76.2; a table with the unit in its head uses num:1."""
    return NOTHING if value is None or value == "" else _ltr(f"{plain_number(value, decimals)} %")


@register.filter
def yuan(value: Number | None) -> SafeString | str:
    """18,640.00; the unit stands in the column head or behind."""
    return num(value, 2)


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    if not value:
        return NOTHING
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return _ltr(f"{value:%Y-%m-%d}", "nowrap")


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    if not value:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return _ltr(f"{local:%Y-%m-%d %H:%M}", "nowrap")


@register.filter
def mask(value: str | None) -> SafeString | str:
    """An identity number or a phone, with its middle struck out. Twice masked is masked once."""
    return _ltr(mask_id(value), "mono nowrap") if value and value != NOTHING else NOTHING


@register.filter
def code(value: object) -> SafeString | str:
    """A number, code or hash in fixed-width digits."""
    return _ltr(str(value), "mono") if value else NOTHING


@register.filter
def native(value: str | None, language: str = "ug") -> SafeString | str:
    """A name in its own script, beside the Chinese one."""
    if not value:
        return ""
    direction = "rtl" if language in {"ug", "kk-Arab", "ar"} else "ltr"
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', language, direction, value)


# --- Bars and lines -----------------------------------------------------------------------------
def bullet_words(value: float, due: float | None, forecast: float | None) -> str:
    """What a bullet shows, for those who do not see it."""
    words = [gettext("%(value)s %% done") % {"value": plain_number(value, 1)}]
    if due is not None:
        words.append(gettext("%(due)s %% due today") % {"due": plain_number(due, 1)})
    if due is not None and due > value:
        short = plain_number(due - value, 1)
        words.append(gettext("%(points)s points short") % {"points": short})
    if forecast is not None:
        words.append(gettext("%(value)s %% forecast") % {"value": plain_number(forecast, 1)})
    return pgettext("punctuation", ", ").join(words)


@register.inclusion_tag("parts/_bullet.html")
def bullet(
    value: Number | None = None,
    due: Number | None = None,
    forecast: Number | None = None,
    label: str = "",
    paper: bool = False,
) -> dict[str, Any]:
    """Progress in per cent of the target; value None = no denominator, said in words.

    `label` goes before the words. `paper` draws in grey with its own hatch, for WeasyPrint.
    """
    if value is None:
        return {"geometry": None}
    done = float(value)
    due = float(due) if due is not None else None
    forecast = float(forecast) if forecast is not None else None
    geometry = charts.bullet(done, due, forecast)
    words = bullet_words(done, due, forecast)
    return {
        "geometry": geometry,
        "paper": paper,
        "words": f"{label}{pgettext('punctuation', ': ')}{words}" if label else words,
    }


@register.inclusion_tag("parts/_trend.html")
def trend(
    actual: Sequence[charts.Point],
    plan: Sequence[charts.Point] = (),
    forecast: charts.Point | None = None,
    label: str = "",
    width: int = 360,
    height: int = 120,
) -> dict[str, Any]:
    """A cumulative line against its plan: (day, amount) pairs, amounts in the same unit."""
    drawn = charts.trend(actual, plan, forecast, width=width, height=height)
    return {"trend": drawn, "words": label}


@register.inclusion_tag("parts/_columns.html")
def columns(
    values: Sequence[float],
    labels: Sequence[str] = (),
    kinds: Sequence[int] = (),
    label: str = "",
) -> dict[str, Any]:
    """Small columns; kind 1 is dark (well evidenced), 2 is light."""
    drawn = charts.columns(values, labels, kinds)
    return {"columns": drawn, "words": label, "width": len(drawn) * 36 + 4}


@register.inclusion_tag("parts/_sum.html")
def equation(terms: Sequence[dict[str, Any]], total: dict[str, Any]) -> dict[str, Any]:
    """Boxes that add up: each term has value, label, and may have sign ("+" or "−") and href.

    Refuses to draw a sum that does not come out.
    """
    boxes = [{"sign": "+", "href": "", **term} for term in terms]
    added = sum(-box["value"] if box["sign"] in {"-", MINUS} else box["value"] for box in boxes)
    if added != total["value"]:
        raise ValueError(f"the boxes add up to {added}, not to {total['value']}")
    for box in boxes:
        box["sign"] = MINUS if box["sign"] == "-" else box["sign"]
    return {"boxes": boxes, "total": {"href": "", **total}}


# --- Parts with optional arguments --------------------------------------------------------------
@register.inclusion_tag("parts/_notice.html")
def notice(
    kind: str,
    title: str = "",
    text: str = "",
    links: Sequence[tuple[str, str]] = (),
    shape: str = "",
) -> dict[str, Any]:
    """Stays until solved. Kinds good, warn, bad, info; `links`: (address, words), at most two."""
    return {"kind": kind, "title": title, "text": text, "links": links, "shape": shape}


@register.inclusion_tag("parts/_empty.html")
def empty(
    icon: str = "info",
    title: str = "",
    text: str = "",
    href: str = "",
    action: str = "",
    kind: str = "mute",
) -> dict[str, Any]:
    """What is missing, why, and what to do next."""
    return {
        "icon": icon, "title": title, "text": text, "href": href, "action": action, "kind": kind,
    }  # fmt: skip


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A question that a [data-dialog="id"] link or button opens; [data-close] inside closes it."""
    return SafeString(
        render_to_string("parts/_dialog.html", {"id": id, "title": title, "content": content})
    )


@register.simple_tag
def gap(before: str = ".") -> str:
    """Between `before` and the next sentence: nothing in Chinese after a sign, which is wide."""
    is_wide = (get_language() or "").startswith("zh") and str(before)[-1:] in ".。！？：；，:"
    return "" if is_wide else " "


@register.filter
def ended(title: Any) -> str:
    """A title before further sentences: in Chinese no blank parts the two, so a stop must."""
    text = str(title)
    is_open = (get_language() or "").startswith("zh") and "\u4e00" <= text[-1:] <= "\u9fff"
    return f"{text}。" if is_open else text


@register.inclusion_tag("parts/_bar.html")
def progress_bar(done: float, total: float, label: str = "") -> dict[str, Any]:
    """How much of a whole: a plain bar without plan or verdict."""
    share = min(max(float(done) / float(total), 0), 1) * 100 if total else 0.0
    return {"share": f"{share:.1f}%", "words": label or f"{done} / {total}"}


@register.inclusion_tag("parts/_stepper.html")
def stepper(steps: Sequence[Any], current: int) -> dict[str, Any]:
    """Named steps, `current` from 1. A step is its name, or (name, address) to go back to."""
    drawn = []
    for number, step in enumerate(steps, 1):
        name, href = step if isinstance(step, (tuple, list)) else (step, "")
        state = "done" if number < current else "now" if number == current else "todo"
        drawn.append({"number": number, "name": name, "href": href, "state": state})
    return {"steps": drawn}


@register.inclusion_tag("parts/_tile.html")
def tile(
    title: str,
    figure: Any = None,
    unit: str = "",
    sub: Any = "",
    href: str = "",
    chip: tuple[str, str, str] | None = None,
    value: Number | None = None,
    due: Number | None = None,
    forecast: Number | None = None,
    none: str = "",
    next: str = "",
) -> dict[str, Any]:
    """One measure; `none` says in words why there is no figure, `next` what would give one."""
    return {
        "title": title, "figure": figure, "unit": unit, "sub": sub, "href": href, "chip": chip,
        "value": value, "due": due, "forecast": forecast, "none": none, "next": next,
    }  # fmt: skip


@register.inclusion_tag("parts/_crumbs.html")
def crumbs(*steps: Any) -> dict[str, Any]:
    """Where the page stands: `{% crumbs href name … name %}`, the last without an address."""
    pairs = [*zip(steps[0::2], steps[1::2], strict=False)]
    return {"steps": pairs, "last": steps[-1] if len(steps) % 2 else ""}


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's own address with parameters changed; None takes one away."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None or value == "":
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def search_here(context: template.Context, *names: str) -> SafeString:
    """What a form that is posted to `list_find` holds to come back to this page; `names` are what
    the page understands besides `q`."""
    request = context["request"]
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="listed" value="{}">',
        get_token(request),
        listed(request.path, {"q", "region", *names}),
    )


@register.simple_tag(takes_context=True)
def region_links(context: template.Context, regions: Iterable[Any]) -> SafeString:
    """The regions of the header's menu: up to two hundred on every page, so without a template."""
    stays = query(context, region=None, page=None)
    start = f"{stays}&" if len(stays) > 1 else stays
    start = escape(start)
    lines = []
    for region in regions:
        depth = f' class="under-{int(region.depth)}"' if region.depth else ""
        mark = CURRENT if region.is_current else ""
        href, label = escape(str(region.href)), escape(str(region.label))
        lines.append(f'<a{depth} href="{start}region={href}"{mark}>{label}</a>')
    return mark_safe("".join(lines))  # noqa: S308 - each part was escaped
