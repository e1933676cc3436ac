"""Groups of chief complaints, after the list of CEDIS (Grafstein et al. 2008), told by their words."""

from __future__ import annotations

from verticore_medical.triage.phrases import says

GROUPS: tuple[tuple[str, str], ...] = (
    ("arrest", r"cardiac arrest|respiratory arrest|\bapnea\b|\bpulseless\b|\bcpr\b"),
    ("mental state", r"mental|confus\w+|unconscious\w*|unresponsive|stupor\w*|deliri\w+|amnesi\w+|letharg\w+|drowsy"
                     r"|\bcoma\w*|disorient\w+"),
    ("seizure", r"\bseiz\w+|\bconvuls\w+|epilep\w+"),
    ("stroke", r"(?:side|arm|leg|limb|extremity|motor|facial|hemi)\w* *(?:\w+ )?(?:weakness|palsy|paralysis)|hemipar\w+"
               r"|slurr\w+|dysarthria|aphasia|\bstroke\b|\bcva\b|facial (?:droop|palsy)|speech"),
    ("overdose", r"suicid\w+|self[- ]?harm|overdos\w*|poison\w*|intoxicat\w+|ingest\w+"),
    ("alcohol", r"alcohol\w*|\betoh\b|drunk\w*"),
    ("chest pain", r"chest|angina|\bstemi\b|myocardial|precordial|retrosternal"),
    ("breathing", r"breath\w*|dyspn\w+|wheez\w*|asthma|respirat\w+|stridor|chok\w+"),
    ("heart rhythm", r"palpitat\w+|tachycard\w+|bradycard\w+|arrhythm\w+|irregular heart"),
    ("syncope", r"syncop\w+|faint\w*|loss of consciousness|passed out|blacked out|collapse\w*"),
    ("upper bleeding", r"hematemesis|vomit\w* (?:of )?(?:\w+ )?blood|blood\w* vomit\w*"),
    ("lower bleeding", r"mel(?:a)?ena|hematochezia|rectal bleed\w*|black stools?|bloody (?:stool|diarrhea)s?"),
    ("lung bleeding", r"hemoptysis|cough\w* (?:up )?blood"),
    ("vaginal bleeding", r"vaginal|pregnan\w+|menstru\w+|\bgravid\w*|labou?r\b|contractions"),
    ("allergy", r"allerg\w+|anaphyla\w+|urticaria\w*|hives|angioedema|\bsting\w*"),
    ("fever", r"fever\w*|febrile|chill\w*|rigou?rs?|sepsis"),
    ("headache", r"headache|head pain|migraine|\bh-?headache"),
    ("dizziness", r"dizz\w+|light head\w*|vertigo|light-?headed\w*|unsteady"),
    ("abdomen", r"abdom\w+|epigastr\w+|\b(?:luq|llq|ruq|rlq)\b|stomach|belly|periumbil\w+|hypogastr\w+"),
    ("flank", r"flank|renal colic|ureter\w*|kidney"),
    ("vomiting", r"vomit\w*|nausea|diarrhea|gastroenteritis"),
    ("weakness", r"weak\w*|myalgi\w+|fatigue|malaise|poor (?:oral )?intake|anorexia"),
    ("burn", r"burn\w*|scald\w*"),
    ("head injury", r"head (?:injury|trauma|lacer\w+|contusion)|(?:injury|trauma) (?:of |to )?(?:the )?head|scalp"),
    ("eye", r"\beyes?\b|ocular|vision|visual|orbit\w*"),
    ("ear nose throat", r"\bears?\b|nose|nasal|epistaxis|throat|tonsil\w*|hearing|tinnitus|foreign body"),
    ("teeth", r"tooth|teeth|dental|\bgum\b"),
    ("wound", r"lacerat\w+|wound|\bcut\b|abrasion|\bbites?\b|puncture"),
    ("fracture", r"fractur\w+|dislocat\w+|sprain\w*|twist\w*|\bfx\b"),
    ("trauma", r"trauma\w*|\bfall\b|fell|fallen|accident|assault\w*|\bta\b|\binjur\w+|contusion|\bhit\b"),
    ("back", r"\bback\b|lumbar|neck|spine"),
    ("limb", r"\b(?:leg|arm|knee|ankle|foot|feet|toe|hand|finger|wrist|elbow|shoulder|hip|thigh|calf)\w*|extremit\w+"),
    ("skin", r"rash|itch\w*|prurit\w*|skin|abscess|cellulitis|swelling|edema|herpes"),
    ("urine", r"urin\w+|void\w*|dysuria|hematuria|anuria|catheter|foley"),
    ("genital", r"testic\w+|scrot\w+|penis|penile|groin"),
    ("cough and cold", r"cough\w*|sputum|rhinorrh\w+|\buri\b|sore throat|runny|\bcold\b"),
    ("anxiety", r"anxi\w+|panic|hyperventil\w+|agitat\w+|depress\w+|psych\w+|hallucinat\w+|insomnia"),
    ("procedure", r"removal|dressing|refill|suture|follow|check|prescription|tube|certificate|medication"),
)  # fmt: skip
"""Name and pattern, the more telling first: a complaint belongs to the first group whose words it holds."""

OTHER = "other"


def group_of(complaint: str | None) -> str | None:
    """Return the group of a complaint, ``other`` where no words are known, ``None`` where there is no complaint."""
    if complaint is None:
        return None
    return next((name for name, pattern in GROUPS if says(complaint, pattern)), OTHER)
