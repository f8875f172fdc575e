"""Marks about which there is a question, and what is asked of whom."""

from django.urls import reverse

from courses.models import MarkQuestion
from tests.courses.tablets import bring, brought


def said(session, learner, status="PRESENT", seq=1, **fields) -> dict:
    at = 1_790_000_000_000 + seq
    return brought(session, learner, seq, status, **{"t_ms": at, "wall_ms": at} | fields)


def closed(session, heads, seq=1, **fields) -> dict:
    facts = {"kind": "close", "method": "", "head_count": heads, "saw": []}
    return said(session, None, "", seq, **facts | fields)


def disagree(session, learner, tablets):
    for device, status in zip(tablets, ("PRESENT", "LEAVE"), strict=True):
        bring(device, said(session, learner, status))


def questions(session) -> dict:
    rows = MarkQuestion.objects.filter(session=session)
    return dict(rows.values_list("learner", "kind"))


def answer(client, session, **data):
    return client.post(reverse("courses:session_answer", args=[session.pk]), data)
