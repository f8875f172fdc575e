"""What headers call the columns of a roster. A new layout is a new wording here, not new code."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Field -> wordings as `headers.header_key` gives them: simplified, no blanks, no brackets.
# Of two columns that could be one field the wording that stands earlier wins. Databases title their
# columns by the first letters of the words (CSRQ); only those that stand for one word are here.
WORDINGS: dict[str, tuple[str, ...]] = {
    "serial": _words("序号 编号 序 no 学号 排号"),
    "name": _words("""
        姓名 名字 学员 参训者 受训人 家庭成员 成员 学生姓名 姓名全称 name fullname 人员名称
        参培人员 参培学员 参训人员 参训学员 受训人员 受训者 培训人员 培训学员 参加培训人员 参加人员
        报名人员 培训对象 参训对象 参培对象 学员名单 人员名单 受训人员名单 参训人员名单 xm
    """),
    "sex": _words("性别 sex gender xb"),
    "id_number": _words("""
        身份证号 身份证号码 公民身份号码 公民身份证号 公民身份证号码 居民身份证号
        居民身份证号码 居民身份证 公民身份证 身份证 身份号码 身份证件号码 身份证件号
        证件号码 证件号 身份证编号 有效身份证件号码 有效证件号码 身份证号18位 18位身份证号
        身份证字号 idnumber idno idcard idcardno id sfzh sfzhm sfzjhm gmsfhm
    """),
    "ethnic": _words("民族 族别 mz"),
    "phone": _words("""
        联系电话 联系方式 电话 电话号码 手机 手机号 手机号码 移动电话 联系电话号码 联系手机
        联系号码 联系电话手机 手机联系电话 联系方式手机 联络电话 常用电话 通讯电话 移动电话号码
        手机电话 固定电话手机 phone phonenumber tel telephone mobile mobilephone
        lxdh sjh sjhm
    """),
    "county": _words("""
        县 县区 区县 县市区 县市 市县 市县区 旗县 旗县区 旗县市 县名 县区名称 所在县
        所在县区 所属县 所属县区 县级
    """),
    "township": _words("""
        乡镇 镇乡 乡 镇 街道 苏木 乡镇街道 乡镇办 镇街 乡镇名称 镇乡街道 镇街道 乡街道 所在乡镇
        所属乡镇 所在乡镇街道 所属乡镇街道 镇办 乡镇街 苏木乡镇 苏木镇 乡镇苏木 街道乡镇 所在镇
        乡镇场 乡镇农场 户籍乡镇 所在街道 所属街道 乡镇街道办 乡镇街道办事处 乡镇办事处 街道办
        街道办事处 镇街道办 镇街办 township
    """),
    "village": _words("""
        村 行政村 村名 村居 所在村 村社区 行政村社区 村委会 所属村 所在行政村 村名称
        行政村名称 村屯 嘎查 嘎查村 村嘎查 嘎查村社区 社区 村居委会 村街 所在村社区 所在村居
        村委 村民委员会 所属行政村 村级 村别 村级组织 村组织 village
    """),
    "group": _words("组 村民小组 小组 组别 所在组 组名 村组"),
    "address": _words("""
        address 家庭住址 住址 地址 家庭地址 详细地址 联系地址 户籍地址 户籍所在地 现住址 居住地址
        通讯地址 家庭详细地址 乡镇村 乡村 所在乡镇村 单位及住址 户籍地 住址门牌 县乡村 镇村
        所在地 常住地址 身份证地址 家庭住址乡镇村组 居住地 现居住地 家庭详细住址 家庭所在地 乡镇村组
        所在乡镇村组 所属乡镇村组 所属乡镇村
    """),
    "household_type": _words("""
        贫困类型 户类型 身份类别 农户类型 户别 户属性 贫困户类型 贫困户属性 农户类别 人员类别
        人员类型 家庭类型 类别 类型 户类别 贫困属性 脱贫户类型 脱贫属性 贫困类别 人员身份 户主类型
        户籍类型 农户属性 监测类型 监测对象类别 家庭属性 建档立卡类型 脱贫类型 身份 身份属性
        身份类型 人员性质 人员属性 对象类别 群体类别 帮扶对象类型 帮扶对象类别
    """),
    "education": _words("文化程度 学历 文化水平 受教育程度 教育程度 最高学历 whcd"),
    "birth_date": _words("出生日期 出生年月 出生年月日 生日 出生时间 出生 csrq csny"),
    "age": _words("年龄 周岁 年岁"),
    "train_date": _words("培训日期 培训时间 参训日期 参训时间 培训日"),
    "train_start": _words("""
        开班日期 开班时间 培训开始日期 培训开始时间 开始日期 开始时间 培训日期开始
        培训时间开始 培训时间起 培训日期起 起始日期 培训起始日期 开课日期
    """),
    "train_end": _words("""
        结业日期 结业时间 培训结束日期 培训结束时间 结束日期 结束时间 培训日期结束
        培训时间结束 培训时间止 培训日期止 截止日期 结课日期 培训截止日期
    """),
    "train_term": _words("培训期次 期次 班次 培训班次 期数 培训班期 培训班名称 班级"),
    "completed": _words("是否结业 结业 是否合格 结业情况 是否完成培训 培训结果 是否毕业"),
    "has_shop": _words("""
        是否开设网店 是否开网店 有无网店 是否有网店 网店 是否开店 开设网店 是否开设店铺
        是否开办网店
    """),
    "shop_url": _words("""
        网店名称及链接 网店链接 店铺链接 网店地址 网址 店铺地址 网店名称 店铺名称
        网店名称链接 网店名称及网址 店铺名称及链接
    """),
    "household_no": _words("""
        户编号 户号 家庭编号 农户编号 贫困户编号 户主编号 建档立卡编号 户籍编号
    """),
    "head_name": _words("户主 户主姓名 户主名字 家庭户主 户主名 户主信息姓名 户主情况姓名"),
    "head_id": _words("""
        户主身份证 户主身份证号 户主身份证号码 户主公民身份号码 户主证件号码
        户主身份证件号码 户主信息身份证号 户主信息身份证号码 户主情况身份证号
        户主情况身份证号码
    """),
    "relation": _words("""
        与户主关系 户主关系 与户主的关系 yhzgx 家庭关系 关系 同户主关系 和户主关系
    """),
    "disability": _words("""
        是否残疾 残疾 残疾情况 残疾类别 残疾等级 残疾人 是否残疾人 有无残疾
    """),
    "political_status": _words("政治面貌"),
    "remark": _words("备注 备考 说明 附注"),
    "reason": _words("原因 退回原因 错误原因 reason"),
    # What only registers keep of a person: see `entries`.
    "able": _words("是否有能力 有无能力 有能力 能力 是否具备能力 培训能力 是否有劳动能力"),
    "willing": _words("是否有意愿 有无意愿 有意愿 意愿 是否愿意 培训意愿 参训意愿 是否愿意培训"),
    "intention": _words("意向 意向类型 就业意向 发展意向 培训意向 创业意向"),
    "surveyed_by": _words("调查人 摸排人 调查员 摸底人 调查人员"),
    "surveyed_on": _words("调查日期 调查时间 摸排日期 摸底日期 摸排时间"),
    "post": _words("职务 现任职务 职位 单位职务 单位及职务 干部类别 干部类型 轮训对象类别"),
    "category": _words("带头人类型 带头人类别 带头人身份 培养对象类型 培养对象类别 对象类型"),
    "project": _words("项目 创业项目 经营项目 主营项目 项目名称 从事项目"),
    "yearly_income": _words("年收入 年收入元 年收入万元 年经营收入 年营业收入"),
    "drive_count": _words("带动户数 带动贫困户数 带动贫困户 带动脱贫户数 带贫户数"),
    "drive_way": _words("带动方式 带贫方式 帮带方式"),
    "has_agreement": _words("协议 带动协议 是否签订协议 是否签协议 带贫协议 帮带协议"),
    "shop_grant": _words("网店开设补助 开店补助 网店补助"),
    "loan": _words("小额信贷 小额贷款 扶贫小额信贷"),
    "signature": _words("签名 签字 本人签字 本人签名 学员签字 学员签名 签到签名"),
}

# Words that a header puts before the thing it asks for.
QUALIFIERS = _words("""
    参加培训人员 参训学员 参训人员 培训学员 培训人员 培训对象 贫困人口 贫困户 学员本人 脱贫户
    受训人员 报名人员 学员 本人 人员 农户 家庭 参训人 被培训人 参培人员 参加人员 村民 居民 农民
    劳动力
""")

# Where no wording fits exactly, what a title must hold and must not hold: the surest first.
# They are asked of the same keys. People who are not the row's own make a title somebody else's.
OTHERS = (
    "户主|配偶|爱人|监护|家长|父|母|子女|亲属|法人|法定|负责|责任|帮扶|结对|紧急|联系人|联络人|领导|干部|"
    "经办|填表|填报|审核|教师|讲师|老师|授课|班主任|银行|开户|账号|帐号|卡号|介绍|推荐|担保|证明|单位|企业|"
    "公司|合作社|培训地|举办|主办|承办|签发|发证|有效期|复印|照片|扫描"
)
LOOSE: tuple[tuple[str, str, str], ...] = (
    (
        "id_number",
        "身份证|身份号|证件号|公民身份|证件编号",
        f"{OTHERS}|是否|有无|地址|住址|类型|类别|种类|到期|截止",
    ),
    ("name", "姓名|名字$|^姓氏", f"{OTHERS}|是否|曾用|别名|拼音|英文|班|课程|村|乡|镇|网店|店铺"),
    ("phone", "电话|手机|联系方式|联系号|^tel$|^mobile$", f"{OTHERS}|是否|有无|型号|签到|短信"),
    # Whose it is the title does not say; a list with no other telephone means the person's own.
    ("phone", "^联系人(?:联系)?(?:电话|手机)(?:号码?)?$|^联系人联系方式$", "是否|有无"),
    (
        "household_type",
        "(?:贫困|脱贫|监测|困难|建档立卡|农户|家庭|户)[^名号数编]*(?:类型|类别|属性|性质|身份)$",
        f"{OTHERS}|致贫|返贫|原因|风险|残疾|产业|经营",
    ),
    # Its answers, yes or no, name no type: each row says so, and a better column is preferred.
    (
        "household_type",
        "^是否(?:为|是|属于)?[^残产业就创]{0,8}(?:贫困|脱贫|监测|低保|建档立卡)[^村]{0,4}$",
        "",
    ),
    (
        "township",
        "(?:乡镇|镇乡|街道|苏木|^所在镇|^所在乡|^所属镇|^所属乡|^镇|^乡)(?:办事处)?(?:名称|名)?$",
        f"{OTHERS}|是否|编码|代码|编号",
    ),
    (
        "village",
        "(?:村|村委会|村民委员会|村委|村居|社区|嘎查)(?:名称|名)?$",
        f"{OTHERS}|是否|编码|代码|编号|贫困村|脱贫村|示范村|驻村|是不是|乡|镇|县",
    ),
    (
        "address",
        "住址|地址|住所|户籍所在|户口所在|居住地|家住",
        f"{OTHERS}|网店|店铺|网站|邮箱|电子|邮编|经营|创业",
    ),
    ("birth_date", "出生", f"{OTHERS}|出生地"),
    ("ethnic", "民族|族别", f"{OTHERS}|是否"),
    ("sex", "性别", OTHERS),
    ("education", "文化程度|学历|受教育", f"{OTHERS}|是否|证书|提升"),
    ("household_no", "^(?:户|农户|家庭).*(?:编号|编码)$", "户籍|户口簿"),
    ("head_id", "户主.*(?:身份证|证件号|身份号)", "关系|配偶"),
    ("head_name", "户主.*(?:姓名|名字|名)$", "关系|配偶|签名"),
    ("relation", "(?:与|和|同).*户主.*关系|户主.*关系", ""),
    ("train_start", "(?:开班|开课|培训).*(?:开始|起始|起$)|^开班", "地点|人数"),
    ("train_end", "(?:结业|结课|培训).*(?:结束|截止|止$)", "地点|人数|证"),
    ("train_date", "(?:培训|参训|上课).*(?:日期|时间)$", "开始|结束|起|止|开班|结业"),
)
