"""Who signs in: one person per role, and the clerks and trainers of the other counties."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from accounts.actions import add_grant, create_user
from accounts.models import User
from learners.actions.sign_in import give_sign_in
from learners.models import Learner
from lms.lib.scope import Role
from regions.models import Region

SINCE = date(2020, 1, 1)


@dataclass(frozen=True)
class SignIn:
    role: str
    username: str
    password: str
    page: str


#: (user name, shown name, role, region codes, what opens after signing in)
STAFF = [
    ("admin", "周明", Role.ADMINISTRATOR, [""], "系统管理：用户与授权、操作记录"),
    ("kaohe", "阿迪力·库尔班", Role.OFFICIAL, ["653128"], "岳普湖县指标完成情况"),
    ("luoshan", "陈静", Role.CLERK, ["411521"], "名单导入、班次、发证"),
    ("laoshi", "李老师", Role.TRAINER, ["411521"], "今天的课，两节等着点名"),
    ("zhuozi", "巴特尔", Role.FIELD_WORKER, ["150921"], "我的回访：逾期与本周到期"),
    ("ducha", "赵敏", Role.INSPECTOR, ["41"], "我的抽查名单"),
    ("shengban", "王建国", Role.OFFICIAL, ["41"], "河南省：从省逐级下钻到村"),
    ("wulanchabu", "苏日娜", Role.OFFICIAL, ["1509"], "乌兰察布市：网店与增收"),
    ("yuepuhu", "古丽娜尔", Role.CLERK, ["653128"], "岳普湖县经办"),
    ("zhuozi-jingban", "斯琴", Role.CLERK, ["150921"], "卓资县经办"),
]


def region(code: str) -> Region:
    return Region.objects.current().get(code=code)


def make_staff() -> list[SignIn]:
    """The staff with their grants, each with a one-time random password."""
    return [_make(*row) for row in STAFF]


def _make(username: str, name: str, role: str, codes: list[str], page: str) -> SignIn:
    places = [region(code) if code else None for code in codes]
    boss = User.objects.filter(username="admin").first()
    user, password = create_user(
        username=username,
        display_name=name,
        role=role,
        region=places[0],
        starts_on=SINCE,
        actor=boss,
    )
    for place in places[1:]:
        add_grant(user=user, role=role, region=place, starts_on=SINCE, actor=boss or user)
    if role == Role.ADMINISTRATOR:
        # No page of ours gives this; the demo shows the parts page and the stock admin as well.
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return SignIn(str(Role(role).label), username, password, page)


def make_trainee(learner: Learner, actor: User) -> SignIn:
    user, password = give_sign_in(learner=learner, username="xueyuan", actor=actor)
    return SignIn(str(Role.TRAINEE.label), user.username, password, "我的证书")


def write_sign_ins(sign_ins: list[SignIn]) -> None:
    """Beside the database, readable by its owner alone; script/server prints them."""
    path = sign_in_file()
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(s) for s in sign_ins], ensure_ascii=False, indent=1))


def sign_in_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-sign-ins.json"


def user(username: str) -> User:
    return User.objects.get(username=username)
