"""The conditions from which the sample data is made: how often, at which level, with which words and vital signs.

All of it is invented from common knowledge; nothing was taken from patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Condition:
    """One reason to come.

    Attributes:
        weight: how often, relative to the others.
        levels: how often it is of which level, relative.
        mild: words for the complaint.
        severe: words that stand for the urgent half of it; used at levels 1 and 2, those of ``mild`` now and then.
        shifts: how far vital signs move from what is usual for the age, at full illness.
        ages: from which to which age.
        sex: where only one has it.
        injury: whether it is one.
        pain: the usual score at full illness.
        dulls: how likely the patient is less than alert at full illness.
    """

    weight: float
    levels: Mapping[int, float]
    mild: tuple[str, ...]
    severe: tuple[str, ...] = ()
    shifts: Mapping[str, float] = field(default_factory=dict)
    ages: tuple[float, float] = (18, 92)
    sex: str = ""
    injury: bool = False
    pain: float = 0.0
    dulls: float = 0.0


CONDITIONS: Mapping[str, Condition] = {
    "heart attack": Condition(
        4, {1: 1, 2: 10, 3: 1}, ("chest pain", "ant. chest pain", "chest tightness", "chest discomfort"),
        ("crushing chest pain", "chest pain radiating to left arm", "chest pain with sweating", "chest pain and SOB"),
        {"heart_rate": 22, "systolic_bp": -26, "spo2": -4, "respiratory_rate": 6}, (38, 92), pain=8),
    "chest wall pain": Condition(
        4, {3: 5, 4: 5}, ("chest wall pain when moving", "rib pain after coughing", "sharp pain at the ribs"),
        shifts={"heart_rate": 6}, ages=(16, 38), pain=5),
    "stroke": Condition(
        4, {1: 1, 2: 8, 3: 1}, ("dizziness and numb arm", "cannot find words", "Rt. side motor weakness"),
        ("slurred speech", "facial droop and left arm weakness", "sudden right sided weakness", "aphasia"),
        {"systolic_bp": 40, "heart_rate": 6}, (50, 94), dulls=0.35),
    "sepsis": Condition(
        4, {1: 1, 2: 7, 3: 6}, ("fever and chills", "fever, weakness", "feels unwell with fever", "poor oral intake"),
        ("fever and confusion", "high fever, very weak", "fever, found drowsy at home"),
        {"heart_rate": 46, "systolic_bp": -42, "respiratory_rate": 12, "temperature": 2.3, "spo2": -7}, (30, 96),
        dulls=0.5),
    "asthma": Condition(
        6, {1: 1, 2: 4, 3: 6, 4: 2}, ("cough and wheezing", "asthma, short of breath", "dyspnea on exertion"),
        ("severe dyspnea", "cannot speak full sentences, wheezing", "SOB, inhaler does not help"),
        {"heart_rate": 34, "respiratory_rate": 16, "spo2": -11}, (4, 85)),
    "pneumonia": Condition(
        6, {2: 2, 3: 9, 4: 1}, ("cough with sputum and fever", "cough x 5 days", "fever, cough, SOB"),
        ("fever and severe dyspnea", "coughing, cannot catch breath"),
        {"heart_rate": 26, "respiratory_rate": 12, "temperature": 1.9, "spo2": -9}, (2, 95)),
    "arrest": Condition(
        0.6, {1: 1}, ("cardiac arrest", "found unresponsive, CPR in progress", "collapse, not breathing"),
        shifts={"heart_rate": -45, "systolic_bp": -60, "respiratory_rate": -10, "spo2": -24, "temperature": -1.2},
        ages=(35, 95), dulls=1.0),
    "seizure": Condition(
        3, {1: 1, 2: 2, 3: 8}, ("seizure at home, now awake", "post seizure", "first seizure this morning"),
        ("ongoing seizure", "status epilepticus, seizing since 10 min"),
        {"heart_rate": 32, "spo2": -6, "temperature": 0.5}, (1, 80), dulls=0.7),
    "bowel bleeding": Condition(
        4, {1: 1, 2: 6, 3: 4}, ("melena", "hematochezia", "black stool x 2 days"),
        ("hematemesis", "vomiting blood", "vomiting of fresh blood, dizzy"),
        {"heart_rate": 36, "systolic_bp": -38, "respiratory_rate": 5}, (30, 92), dulls=0.15),
    "appendicitis": Condition(
        13, {2: 2, 3: 9, 4: 1}, ("abd pain", "RLQ pain", "abdominal pain and vomiting", "pain, abdominal"),
        ("severe abdominal pain, rigid belly", "abd pain, worst ever"),
        {"heart_rate": 22, "temperature": 1.1, "systolic_bp": -8}, (6, 75), pain=8),
    "stomach flu": Condition(
        11, {3: 9, 4: 4, 5: 1}, ("vomiting and diarrhea", "diarrhea since yesterday", "nausea, vomiting x 1 day"),
        shifts={"heart_rate": 16, "temperature": 0.7, "systolic_bp": -6}, ages=(1, 85), pain=3),
    "kidney stone": Condition(
        5, {2: 1, 3: 8, 4: 2}, ("left flank pain", "flank pain, right", "flank pain with blood in urine"),
        shifts={"heart_rate": 14, "systolic_bp": 16}, ages=(20, 75), pain=9),
    "thunderclap headache": Condition(
        1.5, {1: 1, 2: 6}, ("sudden severe headache", "severe headache, neck stiff"),
        ("worst headache of life", "thunderclap headache and vomiting"),
        {"systolic_bp": 32, "heart_rate": -4}, (30, 80), pain=9, dulls=0.4),
    "migraine": Condition(
        5, {3: 4, 4: 6}, ("headache", "migraine as always", "headache, light hurts", "HA x 3 days"),
        shifts={"systolic_bp": 6}, ages=(12, 65), pain=6),
    "overdose": Condition(
        3, {1: 1, 2: 8}, ("took too many tablets", "drug intoxication", "suicidal thoughts"),
        ("overdose of sleeping pills", "overdose, hard to wake"),
        {"heart_rate": 14, "respiratory_rate": -7, "systolic_bp": -18, "spo2": -5}, (14, 80), dulls=0.6),
    "anaphylaxis": Condition(
        1.6, {1: 1, 2: 8}, ("allergic reaction, face swelling", "hives and wheezing after peanuts"),
        ("throat swelling after bee sting", "anaphylaxis, tongue swelling"),
        {"heart_rate": 38, "systolic_bp": -40, "respiratory_rate": 11, "spo2": -7}, (3, 70)),
    "hives": Condition(
        4, {4: 6, 5: 4}, ("urticarial rash", "itchy rash since last night", "hives, no trouble breathing"),
        ages=(2, 75)),
    "major trauma": Condition(
        1.6, {1: 1, 2: 6}, ("fall from height", "hit by a car", "motor vehicle crash, ejected"),
        ("stab wound to chest", "gunshot wound abdomen", "fall from roof, unconscious"),
        {"heart_rate": 40, "systolic_bp": -36, "respiratory_rate": 9, "spo2": -6}, (10, 80), injury=True, pain=9,
        dulls=0.5),
    "fracture": Condition(
        9, {3: 8, 4: 5}, ("wrist injury after fall", "ankle swollen, cannot walk", "hip pain after fall",
        "arm deformity"),
        shifts={"heart_rate": 10, "systolic_bp": 8}, ages=(5, 95), injury=True, pain=8),
    "sprain": Condition(
        5, {4: 9, 5: 2}, ("twisted ankle", "knee pain after football", "sore wrist, minor fall"),
        ages=(8, 70), injury=True, pain=4),
    "laceration": Condition(
        6, {3: 1, 4: 8, 5: 1}, ("finger laceration", "open wound of scalp", "cut on hand", "face laceration"),
        shifts={"heart_rate": 6}, ages=(2, 85), injury=True, pain=4),
    "back pain": Condition(
        6, {3: 5, 4: 7, 5: 1}, ("low back pain", "back pain x 2 weeks", "pain, low back, no numbness"),
        ages=(20, 80), pain=6),
    "sore throat": Condition(
        6, {4: 7, 5: 5}, ("sore throat", "runny nose and cough", "cold symptoms", "ear pain", "mild cough, no fever"),
        shifts={"temperature": 0.5, "heart_rate": 4}, ages=(2, 60), pain=3),
    "repeat care": Condition(
        4, {5: 8, 4: 2}, ("dressing change", "suture removal", "prescription refill", "needs a certificate"),
        ages=(10, 85)),
    "eye": Condition(
        4, {3: 1, 4: 7, 5: 3}, ("red eye", "ocular pain", "foreign body in eye"), ("chemical splash to eye, bleach",),
        ages=(8, 80), pain=4),
    "dizziness": Condition(
        10, {3: 9, 4: 2}, ("dizziness", "vertigo with vomiting", "dizzy when getting up", "light headed, no syncope"),
        shifts={"systolic_bp": 6, "heart_rate": 4}, ages=(25, 92)),
    "syncope": Condition(
        4, {2: 3, 3: 8}, ("syncope", "passed out at work", "collapse, now well"), ("syncope, chest pain before",),
        {"heart_rate": -16, "systolic_bp": -22}, (16, 92)),
    "palpitations": Condition(
        3, {2: 4, 3: 6, 4: 1}, ("palpitations", "heart racing", "irregular heartbeat"), ("palpitation, chest pain",),
        {"heart_rate": 66, "systolic_bp": -14}, (18, 90)),
    "urine infection": Condition(
        6, {3: 6, 4: 5, 5: 1}, ("burning when passing urine", "voiding difficulty", "dysuria, no flank pain"),
        shifts={"temperature": 0.8, "heart_rate": 8}, ages=(16, 92), pain=4),
    "pregnancy": Condition(
        2.5, {2: 6, 3: 3}, ("pregnant 30 weeks, contractions", "pregnant, less movement"),
        ("pregnant with vaginal bleeding", "pregnant 9 weeks, abd pain and bleeding"),
        {"heart_rate": 22, "systolic_bp": -16}, (18, 42), "female", pain=6),
    "fever of a child": Condition(
        7, {2: 2, 3: 6, 4: 5}, ("fever", "fever x 2 days, drinks well", "fever and rash", "fever and ear pain"),
        ("fever, baby will not drink", "fever, limp and sleepy"),
        {"temperature": 2.2, "heart_rate": 30, "respiratory_rate": 9}, (0.1, 6)),
    "low sugar": Condition(
        2, {1: 1, 2: 7}, ("low sugar, sweating", "diabetic, shaky and pale"), ("diabetic, found confused",),
        {"heart_rate": 18, "glucose": -3.6}, (25, 90), dulls=0.6),
    "heart failure": Condition(
        4, {1: 1, 2: 5, 3: 5}, ("leg swelling and dyspnea", "orthopnea", "SOB when lying flat"),
        ("severe SOB, pink sputum",), {"heart_rate": 24, "respiratory_rate": 13, "spo2": -11, "systolic_bp": 22},
        (55, 95)),
    "anxiety": Condition(
        3, {3: 2, 4: 6, 5: 1}, ("anxiety, tingling hands", "panic attack", "hyperventilation, denies chest pain"),
        shifts={"heart_rate": 22, "respiratory_rate": 7}, ages=(15, 60)),
}  # fmt: skip

DETAILS = (
    "since this morning",
    "x 2 days",
    "since last night",
    "onset 1 hr ago",
    "getting worse",
    "since 3 am",
    "again",
)
DENIALS = ("denies fever", "no chest pain", "no trauma", "denies LOC", "no vomiting", "without dyspnea", "no allergy")
HISTORIES = (
    (0, "none"), (0, "asthma"), (25, "migraine"), (35, "hypertension"), (40, "diabetes mellitus"), (45, "smoker"),
    (50, "hypertension, DM"), (55, "coronary disease, stent"), (60, "COPD"), (60, "atrial fibrillation, warfarin"),
    (65, "heart failure"), (65, "old stroke"), (70, "dementia"),
)  # fmt: skip
"""From which age on, and what."""

STRONG = ("severe", "bad", "sudden", "worsening")
SLIGHT = ("mild", "slight", "some", "improving")
