"""Facts of an invented certificate; each test changes what it is about."""

from datetime import date
from typing import Any

from certificates.render import CertificateFacts

URL = "https://nongpei.example.cn/v/7KQ2M9XD4TRA"
RARE = "堃玥犇𬭎䶮"
UYGHUR = "ئابدۇراخمان تۇرسۇن"
TIBETAN = "བཀྲ་ཤིས་ཚེ་རིང་།"


def make_facts(**changes: Any) -> CertificateFacts:
    values: dict[str, Any] = {
        "number": "YPH-2021-000033",
        "verify_code": "7KQ2M9XD4TRA",
        "verify_url": URL,
        "name": "李建军",
        "masked_id": "653***********0024",
        "course": "网店开设与直播",
        "region": "岳普湖县",
        "programme": "农村电子商务培训",
        "run_number": 33,
        "starts_on": date(2021, 10, 14),
        "ends_on": date(2021, 10, 20),
        "hours": "48",
        "issuer": "岳普湖县电子商务服务中心",
        "issued_on": date(2021, 10, 20),
    }
    return CertificateFacts(**(values | changes))
