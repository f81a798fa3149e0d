"""The order of notifications by scenario, (a) to (v)."""

from __future__ import annotations

from tests.corner_cases.entry import by, entry

CALLS, RAW = "network/whole_calls", "network/raw_peers"
USAGE = "protocols/sip/usage/"

ENTRIES = (
    entry(
        "a",
        "a call of ours that is answered; nothing waits for the MSRP connection",
        by(CALLS, "an_accepted_call_that_the_caller_ends"),
        by(RAW, "every_180_is_told_and_other_provisional_responses_are_not"),
        by("corner_cases/orders", "an_answer_that_holds_is_told_between_the_start_and_the_new_state"),
        by(USAGE + "setup/early", "a_183_is_heard_and_does_not_answer"),
        by("network/messages", "messages_wait_until_the_chat_has_started"),
    ),
    entry(
        "b",
        "a call of ours that is refused",
        by(CALLS, "a_rejected_call_fails_for_the_caller_and_ends_for_the_callee"),
        by("corner_cases/what_is_told", "a_failure_has_a_reason_and_no_attribute_is_absent"),
        by("network/authentication", "a_call_is_challenged_answered_and_its_caller_is_known"),
        remark="A 3xx is a failure, unless `connect(follow_redirects=)` says otherwise.",
    ),
    entry(
        "c",
        "a call of ours that fails on this side, by 0, 408, 503 or 488",
        by("network/messages", "an_msrp_port_that_cannot_be_had_fails_the_call"),
        by(CALLS, "a_call_to_nobody_fails_by_this_side_after_64_t1", "a_call_over_tcp_to_a_closed_port_fails_with_503"),
        by(RAW, "an_answer_that_cannot_be_used_is_acknowledged_and_fails_with_488"),
    ),
    entry(
        "d",
        "a call of ours that we cancel, in any moment",
        by(CALLS, "a_cancelled_call_ends_for_the_caller_and_fails_for_the_callee"),
        by(CALLS, "a_call_that_is_terminated_before_its_invite_leaves_nothing"),
        by(RAW, "cancel_waits_for_a_provisional_response"),
        by(RAW, "a_200_that_crosses_the_cancel_is_acknowledged_and_ended_by_bye"),
    ),
    entry(
        "e",
        "a call that we take",
        by(CALLS, "an_accepted_call_that_the_caller_ends"),
        by(USAGE + "change/hold", "a_call_that_begins_on_hold_is_told_so_before_it_starts"),
        by("corner_cases/orders", "audio_runs_when_the_start_is_told_whoever_calls"),
    ),
    entry(
        "f",
        "a call that we reject is no failure",
        by(CALLS, "a_rejected_call_fails_for_the_caller_and_ends_for_the_callee"),
        by(USAGE + "setup/answer", "reject_answers_with_its_code_and_is_no_failure"),
    ),
    entry(
        "g",
        "a caller who gives up is told as a failure of the peer, by 487",
        by(CALLS, "a_cancelled_call_ends_for_the_caller_and_fails_for_the_callee"),
        by(USAGE + "setup/cancel", "a_cancel_in_time_gets_200_and_the_invite_487"),
    ),
    entry(
        "h",
        "a call that we cannot take after all; (h2) one whose ACK never comes",
        by("corner_cases/orders", "a_call_that_cannot_be_taken_has_no_start_and_no_will_end"),
        by(USAGE + "setup/answer", "a_stream_that_cannot_be_prepared_answers_500"),
        by(RAW, "an_answer_without_ack_is_repeated_and_given_up_with_408"),
    ),
    entry(
        "i",
        "a BYE of the peer, also in the middle of a change",
        by(CALLS, "an_accepted_call_that_the_caller_ends"),
        by("corner_cases/orders", "a_bye_in_the_middle_of_a_change_answers_it_487_and_is_no_failure"),
        by("api/audio/session", "a_recording_that_runs_when_the_session_ends_is_closed_before_that_is_told"),
    ),
    entry(
        "j",
        "a BYE of ours; the streams end with its answer",
        by(CALLS, "the_callee_may_end_it_too"),
        by(USAGE + "ending/bye", "terminate_sends_bye_and_the_end_is_told_with_its_answer"),
    ),
    entry(
        "k",
        "our hold is told when it is sent, and taken back when it is refused",
        by(
            USAGE + "change/hold",
            "a_hold_is_offered_sendonly_and_told_when_it_is_sent",
            "unhold_mirrors_hold",
            "a_refused_hold_is_taken_back",
            "a_chat_is_held_by_a_new_version_only",
        ),
        by("media/leg/recording", "hold_pauses_without_a_word"),
    ),
    entry(
        "l",
        "the peer's hold is seen on the audio line",
        by(
            USAGE + "change/hold",
            "a_hold_of_the_peer_in_any_form_is_one",
            "the_directions_are_those_of_the_table",
        ),
        by("api/audio/streams", "a_hold_is_told_at_both_ends_and_a_second_one_tells_nothing"),
        remark="The old form, by the address 0.0.0.0, is one too.",
    ),
    entry(
        "m",
        "a stream that we add: the state first, then the proposal",
        by(
            USAGE + "change/proposal",
            "a_proposal_prepares_its_stream_then_offers_it_beside_what_runs",
            "a_proposal_that_both_want_is_accepted_on_both_sides",
            "a_stream_that_the_answer_refuses_in_place_was_rejected",
            "a_stream_that_cannot_be_prepared_is_not_proposed",
        ),
    ),
    entry(
        "n",
        "a stream that the peer adds",
        by(
            USAGE + "change/decision",
            "a_proposal_rings_until_it_is_decided",
            "a_proposal_that_fails_here_is_answered_500_and_goes_on_without",
        ),
        by(USAGE + "change/proposal", "a_proposal_that_the_user_rejects_gets_488_with_a_warning_and_a_reason"),
    ),
    entry(
        "o",
        "any other change of the peer is answered without asking, or refused with 488",
        by(
            USAGE + "change/new_offer",
            "a_removed_stream_ends_and_keeps_its_place",
            "adding_and_removing_at_once_is_refused",
            "a_line_in_use_never_goes_away_nor_becomes_another",
            "what_repeats_all_lines_disturbs_nothing",
        ),
        by("corner_cases/orders", "a_peer_may_change_all_of_its_o_line_but_its_streams"),
    ),
    entry(
        "p",
        "changes that meet: 491 to the peer's, 500 while its own is open, and another try",
        by(
            USAGE + "change/reinvite",
            "an_invite_while_our_own_is_open_gets_491",
            "an_invite_while_the_first_is_not_finished_gets_500_with_retry_after",
        ),
        by(
            USAGE + "change/glare",
            "both_invites_are_answered_491_and_both_sides_wait",
            "nothing_is_told_twice_by_a_retry",
            "a_500_that_says_when_to_come_again_is_waited_for",
        ),
    ),
    entry(
        "q",
        "a recording, and one that waits for the end of a hold",
        by("media/leg/recording", "a_recording_is_told_of_in_order", "on_hold_nothing_is_told_until_the_hold_ends"),
        by("api/audio/session", "a_recording_is_told_in_order_and_can_be_read_when_it_is_over"),
    ),
    entry(
        "r",
        "each digit that comes is told once",
        by("api/audio/session", "digits_arrive_in_order_at_the_stream_and_at_the_session"),
    ),
    entry(
        "s",
        "silence is told once, after five seconds, unless somebody holds",
        by("media/leg/listening", "silence_is_told_once", "silence_on_hold_is_no_news"),
    ),
    entry(
        "t",
        "the chat tells of a message before its session does, with the same data",
        by("network/messages", "the_notification_of_the_chat_comes_before_that_of_the_session_with_the_same_data"),
        by("protocols/msrp/outgoing", "no_response_in_30_seconds_is_408_only_when_one_was_asked_for"),
    ),
    entry(
        "u",
        "a chat that is lost is forgotten, and the session only where it was all",
        by(RAW, "a_peer_that_closes_its_connection_and_sends_no_bye_loses_the_session"),
        by(RAW, "a_connection_that_breaks_fails_chat_and_session_and_unsent_messages"),
        by("corner_cases/streams_on_the_wire", "a_chat_is_accepted_before_its_connection_is_there"),
    ),
    entry(
        "v",
        "a file, at both ends",
        by("network/file_transfers", "the_order_of_what_both_ends_tell"),
        by("api/transfer/transfer", "states_notifications_and_data"),
    ),
    entry(
        "always",
        "a failure comes before the end, the end comes once and last, and the state is the new one",
        by(CALLS, "the_state_is_the_new_one_when_its_notification_is_delivered"),
        by(USAGE + "ending/ending", "an_end_stops_tells_and_hands_over_in_this_order"),
        by("network/order_of_the_end", "a_failure_the_state_and_the_end_come_together_after_the_fates"),
        by("corner_cases/races", "many_threads_that_terminate_at_once_end_the_session_once"),
    ),
)
