"""Which tests hold which promise of domain.md, section 8: the own test of each first, then what else guards it."""

_B, _T, _C = "klarfall/billing/tests", "klarfall/tickets/tests", "klarfall/channels/tests"

#: invariant -> "file::test", several where database, actions and pages each have their own.
INVARIANTS: dict[str, tuple[str, ...]] = {
    "INV-1": (
        f"{_B}/test_invariants.py::test_inv_1_no_minute_is_billable_without_an_acceptance_of_that_offer_before_it",
        f"{_B}/test_engine_random.py::test_billable_minutes_have_an_acceptance_before_them_and_stay_within_its_cap",
        f"{_B}/test_histories_random.py::test_engines_agree_and_promises_hold_through_random_lives",
        f"{_B}/test_guards_runs.py::test_no_line_without_an_acceptance_of_that_very_offer",
        f"{_B}/test_guards_runs.py::test_locks_know_acceptance_and_cap",
    ),
    "INV-2": (
        f"{_C}/test_invariants.py::test_inv_2_an_offer_is_complete_and_its_text_stands_word_for_word_in_page_and_mail",
        "klarfall/portal/tests/test_pages.py::test_the_decision_page_contains_the_text_word_for_word_and_chooses_nothing",
        "tests/test_no_marker.py::test_html_and_text_of_a_mail_say_the_same",
        f"{_B}/test_guards.py::test_an_unsound_offer_cannot_be_written",
        f"{_B}/test_guards.py::test_the_hash_is_that_of_the_text",
    ),
    "INV-3": (
        f"{_B}/test_invariants.py::test_inv_3_minutes_beyond_the_cap_stay_free_for_ever",
        f"{_B}/test_engine_offers.py::test_locked_over_cap_stays_over_cap_when_the_cap_has_room",
        f"{_B}/test_engine_random.py::test_new_acceptance_changes_no_earlier_minute",
    ),
    "INV-4": (
        f"{_B}/test_invariants.py::test_inv_4_caps_hold_in_minutes_and_money",
        f"{_B}/test_histories_random.py::test_engines_agree_and_promises_hold_through_random_lives",
        f"{_B}/test_guards_runs.py::test_caps_hold_over_all_lines_of_an_offer",
        f"{_B}/test_guards_runs.py::test_an_untrue_line_is_refused",
    ),
    "INV-5": (
        f"{_B}/test_invariants.py::test_inv_5_a_late_or_unauthorised_click_has_no_effect_and_is_logged",
        f"{_B}/test_decisions.py::test_named_people_decide_up_to_their_limit",
        f"{_B}/test_concurrency.py::test_the_attempt_stays_when_the_request_goes_on",
        f"{_B}/test_guards.py::test_where_people_are_named_only_they_accept_and_within_their_limit",
    ),
    "INV-6": (
        f"{_B}/test_invariants.py::test_inv_6_staff_creates_no_acceptance",
        "tests/test_staff_accepts_nothing.py::test_staff_accepts_by_no_action",
        "tests/test_staff_accepts_nothing.py::test_staff_accepts_by_no_page",
        "tests/test_staff_accepts_nothing.py::test_staff_accepts_by_no_sql_that_the_desk_could_run",
    ),
    "INV-7": (
        f"{_B}/test_invariants.py::test_inv_7_silence_accepts_nothing_and_expiry_costs_nothing",
        f"{_B}/test_offers.py::test_an_offer_expires_after_its_last_day_in_the_vendors_zone",
    ),
    "INV-8": (
        f"{_B}/test_invariants.py::test_inv_8_a_free_concern_has_no_offer_in_effect_and_a_bill_of_zero",
        f"{_B}/test_guards.py::test_a_free_concern_has_no_open_offer",
        f"{_B}/test_guards_runs.py::test_nothing_is_billed_for_what_costs_nothing",
    ),
    "INV-9": (
        f"{_B}/test_invariants.py::test_inv_9_triage_is_never_billable",
        f"{_B}/test_time.py::test_not_even_the_database_turns_review_into_work",
    ),
    "INV-10": (
        f"{_B}/test_invariants.py::test_inv_10_a_concern_is_assessed_by_a_person_with_item_reason_and_terms",
        f"{_B}/test_invariants.py::test_a_verdict_names_its_assessor",
        f"{_T}/test_assess.py::test_every_assessment_has_a_reason",
        f"{_T}/test_assess.py::test_an_assessment_can_be_neither_changed_nor_deleted",
    ),
    "INV-11": (
        f"{_B}/test_invariants.py::test_inv_11_terms_and_contract_of_a_ticket_are_those_of_its_submission",
        f"{_T}/test_submit.py::test_what_happens_to_contract_and_terms_later_changes_nothing",
    ),
    "INV-12": (
        f"{_B}/test_invariants.py::test_inv_12_an_accepted_rate_outlives_later_rate_cards",
        f"{_B}/test_guards.py::test_what_was_sent_or_decided_is_never_edited",
    ),
    "INV-13": (
        f"{_B}/test_invariants.py::test_inv_13_to_chargeable_counts_from_a_new_acceptance_and_to_covered_frees_everything",
        f"{_B}/test_run_corrections.py::test_a_defect_found_after_the_export_is_credited",
        f"{_B}/test_engine_random.py::test_covered_or_not_offered_in_the_end_leaves_nothing_billable",
    ),
    "INV-14": (
        f"{_B}/test_invariants.py::test_inv_14_nothing_is_billable_while_an_objection_is_open",
        f"{_T}/test_object.py::test_the_database_holds_one_open_objection_per_concern_too",
    ),
    "INV-15": (
        f"{_B}/test_invariants.py::test_inv_15_declining_and_stopping_leave_the_other_concerns_alone",
        f"{_B}/test_decisions.py::test_declining_costs_nothing_and_leaves_the_others",
    ),
    "INV-16": (
        f"{_B}/test_invariants.py::test_inv_16_no_minute_after_a_stop_without_a_later_acceptance",
        f"{_B}/test_decisions.py::test_at_one_instant_the_stop_wins",
    ),
    "INV-18": (
        f"{_B}/test_invariants_books.py::test_inv_18_a_concern_is_rounded_once",
        f"{_B}/test_run_corrections.py::test_interim_months_round_once",
    ),
    "INV-19": (
        f"{_B}/test_invariants_books.py::test_inv_19_each_minute_leaves_the_house_once_and_exporting_again_creates_nothing",
        f"{_B}/test_run_export.py::test_exporting_again_gives_the_same_file_and_creates_nothing",
        f"{_B}/test_run_killed.py::test_a_run_survives_kill_9_at_any_point",
        f"{_B}/test_guards_runs.py::test_minutes_are_locked_once",
    ),
    "INV-20": (
        f"{_B}/test_invariants_books.py::test_inv_20_a_correction_is_a_new_line_that_points_to_the_original",
        f"{_B}/test_guards_runs.py::test_frozen_rows_are_neither_changed_nor_deleted",
        f"{_B}/test_guards_runs.py::test_a_frozen_run_gets_no_further_lines_or_locks",
        f"{_B}/test_guards_documents.py::test_an_invoice_adds_up_and_stays",
    ),
    "INV-21": (
        f"{_B}/test_invariants_books.py::test_inv_21_record_and_bill_say_the_same_cents",
        f"{_B}/test_record_content.py::test_a_record_adds_up",
    ),
    "INV-22": (
        f"{_B}/test_invariants_books.py::test_inv_22_time_never_overlaps_lies_in_the_past_and_says_why_it_is_late",
        f"{_B}/test_guards.py::test_time_is_guarded_by_the_database",
        f"{_B}/test_guards_documents.py::test_the_database_itself_knows_what_is_late",
    ),
    "INV-23": (
        f"{_B}/test_invariants_books.py::test_inv_23_goodwill_has_reason_and_grantor_and_leaves_the_assessment",
        f"{_B}/test_goodwill.py::test_it_never_changes_the_assessment_or_the_offer",
        f"{_B}/test_guards_documents.py::test_goodwill_has_an_amount_and_a_reason",
    ),
    "INV-25": (
        f"{_B}/test_invariants_books.py::test_inv_25_nothing_of_one_customer_exists_for_another",
        "tests/test_isolation.py::test_plain_sql_as_clara_finds_no_row_of_acme_in_any_table",
        "tests/test_url_sweep.py::test_nothing_of_acme_exists_for_somebody_of_another_company",
        "tests/test_no_marker.py::test_no_mail_to_another_company_contains_a_word_of_acme",
    ),
    "INV-27": (
        f"{_C}/test_invariants.py::test_inv_27_a_decision_keeps_its_evidence_and_is_confirmed_by_mail",
        f"{_B}/test_decisions.py::test_an_acceptance_keeps_its_evidence",
    ),
    "INV-28": (
        f"{_B}/test_invariants_books.py::test_inv_28_no_remote_time_without_recorded_consent",
        f"{_T}/test_remote.py::test_nobody_of_another_customer_agrees",
        f"{_B}/test_guards_documents.py::test_consent_stays",
    ),
    "INV-29": (
        f"{_B}/test_invariants_books.py::test_inv_29_history_verifies_after_a_person_was_erased_and_no_row_of_it_can_be_changed",
        f"{_T}/test_history.py::test_whatever_the_owner_of_the_tables_changes_is_found",
        f"{_T}/test_erase.py::test_nothing_of_the_person_remains_and_the_chain_verifies",
        f"{_B}/test_self_audit.py::test_each_tampering_is_found_by_its_check",
    ),
    "INV-30": (
        f"{_B}/test_invariants_books.py::test_inv_30_a_record_computed_again_from_its_inputs_gives_the_same_cents",
        f"{_B}/test_record_content.py::test_stored_inputs_give_the_same_content_again",
    ),
}  # fmt: skip
