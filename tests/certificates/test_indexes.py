"""Indexes that hold only what has a file, or replaces another: the questions still find them."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from certificates.actions import reissue_certificate
from certificates.models import Certificate
from certificates.queries.checking import file_check
from tests.certificates.rewriting import rewrite

DAY = date(2026, 3, 5)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_file_is_looked_for_in_the_indexes_of_hashes():
    with CaptureQueriesContext(connection) as seen:
        file_check(b"%PDF-1.7 nothing of ours")
    [question] = [q["sql"] for q in seen if 'pdf_sha256" IN' in q["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {question.partition(' ORDER BY ')[0]}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {question.partition(' ORDER BY ')[0]}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "certificate_drawn_sha256" in plan
    assert "certificate_signed_sha256s" in plan


def test_the_database_lets_none_be_replaced_twice(certificate, county_clerk):
    reissue_certificate(
        certificate=certificate, reason="姓名有误", issued_on=DAY, actor=county_clerk
    )
    other = Certificate.objects.filter(enrolment__learner__name="王秀兰")
    with pytest.raises(IntegrityError), transaction.atomic():
        rewrite(other, replaces=certificate)
