"""One certificate at a time in a warm process: CPU time on one core, size, memory.

`kb` and `signed_kb` are of the largest among people of every script, in the plain design and in
one with a second language; `usual_kb` is the mean of a county.
"""

from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured

COUNT = 200


def run() -> Iterator[Figure]:
    found = measured("ours", COUNT)
    unsigned, signed = largest()
    yield Figure("certificate_single.p95_ms", found.p95_ms, "ms of CPU")
    yield Figure("certificate_single.p50_ms", found.p50_ms, "ms of CPU")
    yield Figure("certificate_single.kb", unsigned, "kB unsigned, the largest of any script")
    yield Figure("certificate_single.signed_kb", signed, "kB signed, the largest of any script")
    yield Figure("certificate_single.usual_kb", found.kb, "kB unsigned, mean")
    yield Figure("certificate_single.rss_mb", found.rss_mb, "MB at most")


def largest() -> tuple[float, float]:
    from certificates.render import SAMPLES, render_pdf
    from certificates.signing.authority import make_authority, make_certificate
    from certificates.signing.signer import KeySigner
    from tests.certificates.test_render_size import DESIGNS, facts_of

    authority = make_authority("证书")
    made = make_certificate("岳普湖县电子商务服务中心", prefix="YPH", authority=authority)
    signer = KeySigner(made.private, made.certificate, (authority.certificate,))
    unsigned = signed = 0
    for kind in SAMPLES:
        facts = facts_of(kind)
        for design in DESIGNS.values():
            content = render_pdf(facts, design)
            whole = signer.sign_pdf(content, number=facts.number, issuer=facts.issuer)
            unsigned, signed = max(unsigned, len(content)), max(signed, len(whole))
    return unsigned / 1000, signed / 1000
