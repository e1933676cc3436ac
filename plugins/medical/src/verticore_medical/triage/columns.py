"""What the columns of triage files are called: MIMIC-IV-ED, the KTAS study, NHAMCS, and plain names."""

from __future__ import annotations

PATIENT = ("patient_id", "subject_id", "person_id", "mrn", "pid", "patient_number", "patient_no", "hospital_number")
ARRIVAL = (
    "intime", "arrival_time", "arrived", "arrival_datetime", "arrival_date", "triage_time", "visit_time", "admit_time",
    "timestamp", "datetime", "time",
)  # fmt: skip
COMPLAINT = (
    "chief_complaint", "chiefcomplaint", "chief_complain", "presenting_complaint", "presenting_problem", "complain",
    "reason_for_visit", "presentation", "triage_note", "symptoms", "text",
)  # fmt: skip
MEDICAL_HISTORY = ("past_medical_history", "pmh", "past_history", "comorbidities", "history")
AGE = ("age_years", "anchor_age", "ager", "patient_age")
SEX = ("gender",)
ARRIVAL_MODE = ("arrival_transport", "mode_of_arrival", "arrival_by", "transport", "arrems", "conveyance")
MENTAL_STATE = (
    "mental", "avpu", "acvpu", "consciousness", "level_of_consciousness", "loc", "mental_status", "consciousness_level",
)  # fmt: skip
INJURY = ("trauma", "is_injury", "injured", "injury_related")
PAIN = ("has_pain", "pain_present")
PAIN_SCORE = ("nrs_pain", "nrs", "painscale", "pain_scale", "pain_nrs", "vas", "pain_level")
SYSTOLIC = ("sbp", "systolic", "bpsys", "sys_bp", "nibps", "triage_vital_sbp", "systolic_blood_pressure")
DIASTOLIC = ("dbp", "diastolic", "bpdias", "dia_bp", "nibpd", "triage_vital_dbp", "diastolic_blood_pressure")
HEART_RATE = ("hr", "heartrate", "pulse", "pulse_rate", "triage_vital_hr", "pr")
RESPIRATORY_RATE = ("rr", "resprate", "resp", "respr", "resp_rate", "breathing_rate", "triage_vital_rr", "respiration")
TEMPERATURE = ("temp", "body_temperature", "bt", "tempf", "temp_c", "body_temp", "triage_vital_temp")
SPO2 = (
    "saturation", "o2sat", "popct", "o2_sat", "sao2", "sat", "oxygen_saturation", "triage_vital_o2", "spo2_percent",
)  # fmt: skip
GLUCOSE = ("blood_glucose", "bgl", "blood_sugar", "glucose_mmol", "capillary_glucose", "glu")

LABEL = (
    "label", "acuity", "triage", "triage_level", "triage_category", "triage_acuity", "triage_class", "esi",
    "ktas_expert", "ktas", "mts", "ctas", "ats", "ttas", "esi_level", "ktas_level", "mts_level", "ctas_level",
    "triage_score", "triage_scale", "urgency", "priority", "severity", "immedr", "level", "class", "target",
    "ktas_nurse", "ktas_rn",
)  # fmt: skip
"""Names of the target, those of a reference standard before those of a first guess."""

JUDGED = (*(name for name in LABEL if name not in ("label", "class", "target", "level")), "nurse_triage", "rn_triage")
"""Other judgements of the same urgency: known no earlier than the answer itself."""

OUTCOMES = (
    "disposition", "ed_disposition", "disposition_plan", "outcome", "ed_outcome", "final_outcome", "admission",
    "admitted", "admit", "hospitalized", "hospitalised", "hospitalization", "outcome_hospitalization",
    "outcome_critical", "outcome_ed_revisit_3d", "hadm_id", "icu", "icu_admission", "icu_transfer", "to_icu",
    "icu_12h", "ward", "discharge", "discharge_status", "discharge_location", "discharge_time", "death", "died",
    "mortality", "expired", "dead", "survival", "admithos", "obshosp", "transferred", "transfer", "lwbs",
    "los", "length_of_stay", "length_of_stay_min", "length_of_stay_hours", "lengthofstay_min", "ed_los", "los_hours",
    "los_minutes", "stay_minutes", "outtime", "departure_time", "waittime", "wait_time", "waiting_time", "lov",
)  # fmt: skip
FINDINGS = (
    "diagnosis", "diagnosis_in_ed", "final_diagnosis", "primary_diagnosis", "ed_diagnosis", "icd", "icd_code", "icd10",
    "icd_title", "icd_version", "dx", "diag1", "diag2", "diag3", "diag4", "diag5", "discharge_diagnosis", "procedures",
    "medications_given", "labs", "imaging", "ct", "resources", "number_of_resources", "resources_used", "treatment",
    "discharge_summary", "doctor_note", "physician_note",
)  # fmt: skip
STUDY = (
    "ktas_duration_min", "ktas_duration", "triage_duration", "error_group", "error", "mistriage", "mistriage_category",
    "mistriage_group", "status", "over_triage", "under_triage", "overtriage", "undertriage",
)  # fmt: skip
KNOWN_LATER = (*JUDGED, *OUTCOMES, *FINDINGS, *STUDY)
"""Columns that are filled in after triage, or judge the same urgency: with them a model would only look good."""

WHO_PEOPLE_ARE = (
    "name", "patient_name", "address", "phone", "race", "ethnicity", "ethun", "racer", "raceun", "insurance",
    "paytyper", "marital_status", "language", "religion",
)  # fmt: skip
"""What says who people are, not how they are: a model would repeat how they used to be treated."""

PLACES = (
    "group", "site", "site_id", "hospital", "hospital_id", "hospital_name", "hospital_code", "facility", "facility_id",
    "institution", "centre", "center", "ed", "ed_id", "ed_name", "ed_type", "department", "depname", "dep_name",
    "clinician", "nurse", "triage_nurse",
)  # fmt: skip
"""Where it was and who judged. A level must not depend on it, and in the next hospital it means nothing."""

CROWDING = (
    "patients_number_per_hour", "patients_per_hour", "number_of_patients", "arrivals_per_hour", "ed_census", "census",
    "crowding", "occupancy", "ed_occupancy", "nedocs", "edwin", "queue_length", "patients_waiting", "waiting_patients",
    "boarding_patients", "beds_available", "available_beds",
)  # fmt: skip
"""How full it was: known at triage, but no patient is less ill in a full room. Where people judge more mildly when it
is full, a model that reads it learns to do the same."""

IGNORED = ("row_id", "row", "index", "no", "nr", "study_id", *WHO_PEOPLE_ARE, *PLACES, *CROWDING)
"""Running numbers; and what is not of the patient's state. ``--keep`` takes one in."""

UNIQUE = ("stay_id", "visit_id", "encounter_id", "visit_number", "ed_stay_id", "attendance_id", "csn")
