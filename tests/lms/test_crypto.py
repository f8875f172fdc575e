import hmac

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from learners.models import Learner
from lms.lib import crypto
from tests import factories

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(texts)
def test_what_was_encrypted_comes_back_for_the_same_cell_only(plain):
    sealed = crypto.encrypt(plain, where="t.c:1")
    assert crypto.decrypt(sealed, where="t.c:1") == plain
    with pytest.raises(crypto.DecryptError):
        crypto.decrypt(sealed, where="t.c:2")


@given(texts, st.integers(min_value=0))
def test_one_flipped_bit_is_noticed(plain, position):
    sealed = bytearray(crypto.encrypt(plain, where="t.c:1"))
    sealed[position % len(sealed)] ^= 1
    with pytest.raises(crypto.DecryptError):
        crypto.decrypt(bytes(sealed), where="t.c:1")


def test_another_key_does_not_open_it(settings):
    sealed = crypto.encrypt("411521199003125284", where="t.c:1")
    settings.FIELD_KEY = "another key"
    with pytest.raises(crypto.DecryptError):
        crypto.decrypt(sealed, where="t.c:1")


def test_equal_values_have_equal_indexes_under_one_label_only(settings):
    one = crypto.blind_index("13800000617", label="t.phone")
    assert crypto.blind_index("13800000617", label="t.phone") == one
    assert crypto.blind_index("13800000618", label="t.phone") != one
    assert crypto.blind_index("13800000617", label="t.other") != one
    settings.INDEX_KEY = "another key"
    assert crypto.blind_index("13800000617", label="t.phone") != one


@given(texts)
def test_a_blind_index_is_the_hmac_of_the_value(plain):
    key = crypto._derived(settings.INDEX_KEY, "lms.index:t.phone")
    expected = hmac.digest(key, plain.encode(), "sha256")
    assert crypto.blind_index(plain, label="t.phone") == expected


@given(texts, texts)
def test_cells_of_a_row_are_encrypted_each_for_its_own_place(one, two):
    first, second = crypto.cells_encryptor("t", "one", "two")("k", one, two)
    for plain, cell, column in ((one, first, "one"), (two, second, "two")):
        if not plain:
            assert cell is None
            continue
        assert crypto.decrypt(cell, where=f"t.{column}:k") == plain
        assert crypto.decryptor()(cell, f"t.{column}:k") == plain
        for elsewhere in ("t.one:j", "u.one:k", "t.two:k" if column == "one" else "t.one:k"):
            with pytest.raises(crypto.DecryptError):
                crypto.decryptor()(cell, elsewhere)
    with pytest.raises(crypto.DecryptError, match="version"):
        crypto.decryptor()(b"\x02" + b"0" * 40, "t.one:k")


def test_no_nonce_is_drawn_twice():
    encrypt = crypto.cells_encryptor("t", "one", "two")
    cells = [cell for _ in range(200) for cell in encrypt("k", "a", "b")]
    assert len({cell[1 : 1 + crypto.NONCE_BYTES] for cell in cells}) == 400


def test_a_sealed_part_opens_with_its_own_key_only():
    key = crypto.new_key()
    sealed = crypto.seal_with(key, "李建军", where="certificate.facts:1")
    assert crypto.open_with(key, sealed, where="certificate.facts:1") == "李建军"
    with pytest.raises(crypto.DecryptError):
        crypto.open_with(crypto.new_key(), sealed, where="certificate.facts:1")
    with pytest.raises(crypto.DecryptError):
        crypto.open_with(key, sealed, where="certificate.facts:2")


@pytest.mark.django_db
def test_no_personal_number_is_stored_in_clear(regions):
    from django.db import connection

    learner = factories.make_learner(phone="13912345678")
    number = learner.clear_id_number()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM learners_learner")
        stored = b"|".join(
            bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode()
            for row in cursor.fetchall()
            for v in row
        )
    assert number.encode() not in stored
    assert b"13912345678" not in stored
    assert b"1985-06-01" not in stored
    again = Learner.objects.get(pk=learner.pk)
    assert (again.clear_id_number(), again.clear_phone()) == (number, "13912345678")
    assert again.masked_id == number[:3] + "*" * 11 + number[-4:]


def test_many_are_sealed_each_under_a_key_of_its_own():
    seal = crypto.sealer(2)
    kept = [seal("李建军".encode(), f"facts:{n}", f"key:{n}") for n in range(2)]
    keys = [crypto.decrypt(wrapped, where=f"key:{n}") for n, (_, wrapped) in enumerate(kept)]
    assert len(set(keys)) == 2
    for n, (sealed, _) in enumerate(kept):
        assert crypto.open_with(keys[n], sealed, where=f"facts:{n}") == "李建军"
        with pytest.raises(crypto.DecryptError):
            crypto.open_with(keys[n], sealed, where=f"facts:{1 - n}")
        with pytest.raises(crypto.DecryptError):
            crypto.open_with(keys[1 - n], sealed, where=f"facts:{n}")
