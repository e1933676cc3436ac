"""The words from which the sample letters are made: what patients of a specialty have, and what they have besides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """What letters to one specialty are about.

    Attributes:
        reasons: why the patient is sent.
        findings: what was found.
        past: what such patients have had, which stands in letters to others too.
    """

    reasons: tuple[str, ...]
    findings: tuple[str, ...]
    past: tuple[str, ...]


SPECIALTIES: dict[str, Words] = {
    "cardiology": Words(
        reasons=(
            "tightness across the chest on climbing stairs that eases with rest", "palpitations that come in bursts",
            "ankles that swell by the evening and three pillows at night", "two faints without warning while standing",
            "breathlessness on the flat that is new since the winter", "dizzy spells on getting up",
            "an irregular pulse found at a routine check", "a murmur heard at the pre-operative visit",
        ),
        findings=(
            "The tracing shows left bundle branch block.", "The pulse is irregularly irregular at 110.",
            "There is a systolic murmur at the apex.", "Natriuretic peptide was 940.", "Troponin was not raised.",
        ),
        past=("a stent in 2015", "atrial fibrillation on apixaban", "high blood pressure", "a bypass operation"),
    ),
    "neurology": Words(
        reasons=(
            "one-sided headaches with zigzag lines", "a tremor of the right hand at rest",
            "two blackouts with a bitten tongue",
            "numb fingers and a weak grip", "slurred speech that lasted ten minutes", "dizzy spells with double vision",
            "forgetting names and losing the way home", "burning feet at night",
            "a shuffling walk and small handwriting",
        ),
        findings=(
            "Ankle reflexes are absent.", "There is cogwheel rigidity.", "The left arm drifts.",
            "A scan of the head was clear.",
            "Sensation is lost in a glove and stocking pattern.",
        ),
        past=("migraine since school", "a small stroke in 2018", "epilepsy in childhood", "restless legs"),
    ),
    "gastroenterology": Words(
        reasons=(
            "food that sticks behind the breastbone", "loose stools with blood for six weeks",
            "heartburn despite omeprazole",
            "weight loss and no appetite", "cramps after meals and bloating", "yellow eyes and dark urine",
            "tiredness and a low iron", "black stools on two occasions",
        ),
        findings=(
            "Ferritin is 6.", "Calprotectin came back at 780.", "The upper abdomen is tender.",
            "Transaminases are four times normal.",
            "There is a palpable liver edge.",
        ),
        past=("an appendix operation", "gallstones", "irritable bowel", "a duodenal ulcer in the nineties"),
    ),
    "respiratory medicine": Words(
        reasons=(
            "a cough for three months with green phlegm", "breathlessness on the flat and a wheeze at night",
            "coughing up streaks of blood", "snoring with pauses that frighten the family",
            "four chest infections this winter",
            "weight loss and night sweats", "tightness across the chest in cold air",
        ),
        findings=(
            "Crackles are heard at both bases.", "Peak flow is 210.", "Saturation falls to 88 % on walking.",
            "The film shows a shadow at the right apex.", "The ratio on spirometry is 0.58.",
        ),
        past=("asthma since childhood", "emphysema, forty pack-years", "pneumonia last year", "sleep apnoea"),
    ),
    "orthopaedics": Words(
        reasons=(
            "a knee that locks and gives way", "groin pain on putting on socks",
            "a shoulder that cannot be lifted above the head",
            "back pain that shoots down to the foot", "numb fingers and a weak grip",
            "a wrist that never healed after a fall",
            "a bunion that no shoe fits",
        ),
        findings=(
            "Internal rotation of the hip is lost.", "McMurray's test is positive.",
            "Straight leg raise is 30 degrees.",
            "The film shows loss of joint space.", "There is wasting of the thenar muscles.",
        ),
        past=("a new hip on the left", "a broken ankle in 2009", "worn knees", "a slipped disc"),
    ),
    "dermatology": Words(
        reasons=(
            "a mole on the back that has changed colour", "scaly plaques on elbows and scalp",
            "an itch that keeps the house awake",
            "a sore on the nose that bleeds and crusts", "blisters on sun-exposed hands",
            "hair that falls out in patches",
            "weals that come and go",
        ),
        findings=(
            "The border is irregular and 9 mm across.", "There are burrows between the fingers.",
            "The nails are pitted.",
            "There is a pearly edge with fine vessels.", "Steroid cream gave short relief.",
        ),
        past=("eczema", "a basal cell carcinoma removed", "psoriasis, mild", "shingles"),
    ),
    "endocrinology": Words(
        reasons=(
            "weight loss, heat intolerance and a fine tremor", "sugars above 15 despite three tablets",
            "tiredness and weight gain",
            "a lump in the neck that moves on swallowing", "thirst and passing water all night",
            "a high calcium on two tests",
            "no periods for a year and milk from the breast", "burning feet at night",
        ),
        findings=(
            "Thyroid stimulating hormone is suppressed.", "HbA1c has risen to 92.", "Prolactin is 2,400.",
            "Morning cortisol is 60.", "The thyroid is smoothly enlarged.",
        ),
        past=("type 2 diabetes", "an underactive thyroid", "thin bones", "gout"),
    ),
    "urology": Words(
        reasons=(
            "a poor stream and getting up five times a night", "blood in the urine without pain",
            "a lump in the scrotum",
            "stones passed twice this year", "leaking on coughing", "passing water all night and urgency",
            "a raised PSA at a check", "pain from the loin to the groin",
        ),
        findings=(
            "The prostate feels firm on the left.", "PSA is 11.2.", "There is microscopic haematuria.",
            "Residual volume was 240 mL.",
            "The ultrasound shows a dilated right kidney.",
        ),
        past=("a prostate operation", "kidney stones", "repeated cystitis", "a vasectomy"),
    ),
}  # fmt: skip

OPENINGS = (
    "Thank you for seeing this {age}-year-old {work} with {reason}.",
    "I would be grateful for your opinion on {title} {last}, {age}, who has {reason}.",
    "Could you please see {first} {last}, a {work} of {age}? The problem is {reason}.",
    "{title} {last} came to me on {date} because of {reason}.",
    "This {work}, {age} years old, describes {reason}.",
)
SECOND = (
    "There is also {reason}.",
    "In addition, {first} mentions {reason}.",
    "Lately there has been {reason} as well.",
)
PAST = (
    "Of note, {first} has had {past} and {past2}.", "Past history: {past}, {past2}.", "{title} {last} also has {past}.",
    "The notes mention {past2}; otherwise {past}.",
)  # fmt: skip
COMMON = (
    "tiredness", "poor sleep", "dizzy spells", "weight loss", "a dull ache that comes and goes", "loss of appetite",
)  # fmt: skip
PLAIN = (
    "Blood pressure was {systolic}/{diastolic}, weight {weight} kg.", "Examination was otherwise normal.",
    "Basic blood tests are enclosed.", "There are no allergies.", "{first} smokes {count} a day.",
    "{first} lives alone.",
    "The family is worried.", "Paracetamol has not helped.", "We have repeated the blood tests on {date}.",
)  # fmt: skip
CLOSINGS = (
    "Please contact the patient on {phone}.", "The address is {address}.", "Hospital number {mrn}.",
    "A daughter, {kin}, will come along ({phone}).", "Results can be sent to {email}.",
)  # fmt: skip
WORKS = (
    "teacher", "bus driver", "retired nurse", "farmer", "office worker", "cook", "student", "builder", "retired clerk",
    "shop assistant",
)  # fmt: skip
