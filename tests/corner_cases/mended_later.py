"""The bugs that were mended in the spring of 2009, 27 to 52 of 52."""

from __future__ import annotations

from tests.corner_cases.entry import by, entry

ENTRIES = (
    entry(
        27,
        "a message that waits and cannot be sent holds up no other",
        by("protocols/msrp/chat/chat", "one_unacceptable_message_does_not_hold_up_the_others"),
    ),
    entry(
        28,
        "what follows a call goes by the transport that brought it",
        by(
            "corner_cases/messages_on_the_wire",
            "what_follows_a_call_comes_over_the_connection_that_brought_it",
        ),
        by("protocols/sip/usage/within/exchange", "a_connection_that_the_peer_opened_is_kept"),
    ),
    entry(
        29,
        "our Contact says what was granted, else Expires, else what we asked; 0 is a number, a failure grants nothing",
        by("protocols/sip/registration/answer", "our_contact_says_first_then_expires_then_what_was_asked_for"),
        by("protocols/sip/publication/publishing", "a_server_that_grants_nothing_has_failed"),
    ),
    entry(
        30,
        "a call is rejected as busy or declined, as the application says",
        by("corner_cases/messages_on_the_wire", "a_call_is_rejected_as_busy_here_or_declined_everywhere"),
        by("network/whole_calls", "a_rejected_call_fails_for_the_caller_and_ends_for_the_callee"),
    ),
    entry(
        31,
        "success reports name their bytes, and those of parts add up",
        by("protocols/msrp/chunk", "a_report_carries_status_and_range"),
        by("protocols/msrp/outgoing", "reports_of_parts_add_up"),
        by("network/raw_peers", "a_peer_that_connects_is_bound_answered_reported_and_reassembled"),
        remark="A message that came in parts is reported once, over its whole range.",
    ),
    entry(
        32,
        "the o= line of a peer may change as it likes",
        by("protocols/sip/usage/change/new_offer", "a_version_may_step_as_it_likes"),
        by("corner_cases/orders", "a_peer_may_change_all_of_its_o_line_but_its_streams"),
    ),
    entry(
        33,
        "a connection that fails in TLS is ended at once",
        by("corner_cases/settings", "a_peer_that_speaks_no_tls_is_hung_up_at_once_and_the_chat_waits_on"),
        by("actors/msrp/listener", "garbage_instead_of_a_tls_handshake_is_closed"),
        by("network/raw_peers", "the_certificate_must_have_the_fingerprint_that_the_peer_gave"),
        remark="Sessions share the port, so a connection that never spoke fails none of them.",
    ),
    entry(
        34,
        "the ringtone ends when audio begins",
        by("api/session/ringing", "early_audio_of_the_peer_ends_the_ringing"),
    ),
    entry(
        35,
        "the engine may be stopped from where it runs",
        by("api/engine/engine", "stop_from_a_handler_returns_at_once_and_the_engine_ends"),
    ),
    entry(
        36,
        "a program may end without a word to the engine",
        by(
            "corner_cases/end_of_the_process",
            "a_script_that_ends_hangs_up_and_says_nothing",
            "a_gevent_server_that_ends_says_nothing",
            "an_engine_that_never_started_leaves_nothing_at_the_end",
        ),
    ),
    entry(
        37,
        "a description has a name that is not blank",
        by("corner_cases/messages_on_the_wire", "our_description_has_a_name_that_is_not_blank"),
    ),
    entry(
        38,
        "a message without a body has no trace of one",
        by("corner_cases/messages_on_the_wire", "a_message_without_a_body_has_no_trace_of_one"),
    ),
    entry(
        39,
        "where no address was given, none is held on to",
        by(
            "corner_cases/our_addresses",
            "without_one_all_addresses_of_the_host_lead_to_us",
            "without_one_each_peer_is_told_the_address_that_leads_to_it",
            "when_the_network_has_changed_it_is_forgotten_where_peers_saw_us",
        ),
        by("network/registrations", "a_changed_network_has_all_of_them_refreshed"),
    ),
    entry(
        40,
        "a change ends with its own transaction, also when it is cancelled",
        by("protocols/sip/usage/change/decision", "the_peer_cancels_its_proposal"),
        by(
            "protocols/sip/usage/change/proposal",
            "a_proposal_that_the_peer_says_nothing_more_about_is_cancelled",
        ),
        by("protocols/sip/usage/change/reoffer", "the_acks_of_two_invites_are_not_mixed_up"),
    ),
    entry(
        41,
        "nothing is waited for without end, and the next server is asked",
        by("protocols/sip/usage/ending/bye", "a_bye_that_nobody_answers_ends_the_call"),
        by("protocols/sip/usage/setup/cancel", "a_cancelled_invite_without_final_response_is_given_up_after_64_t1"),
        by("network/failover", "a_call_goes_on_to_the_server_that_serves"),
        by("api/engine/engine", "peers_that_do_not_answer_do_not_keep_it_from_stopping"),
    ),
    entry(
        42,
        "the address that was given is listened on and told",
        by("corner_cases/our_addresses", "an_address_that_was_given_is_the_only_one"),
    ),
    entry(
        43,
        "silence on hold is no news, whoever holds",
        by("media/leg/listening", "silence_on_hold_is_no_news"),
        by("protocols/sip/usage/change/hold", "each_side_knows_who_holds"),
    ),
    entry(
        44,
        "a missing ACK ends the call, unless the application tolerates it",
        by("corner_cases/settings", "a_call_whose_ack_never_comes_begins_only_where_that_is_tolerated"),
        by(
            "protocols/sip/usage/setup/ack_missing",
            "where_it_is_tolerated_the_session_begins_without_it",
            "where_it_is_not_the_session_has_failed",
            "a_change_whose_ack_is_missing_is_kept",
            "one_that_would_bring_the_answer_is_never_done_without",
        ),
    ),
    entry(
        45,
        "hold and unhold may follow one another as fast as they like",
        by("api/audio/streams", "commands_that_are_given_in_one_breath_are_carried_out_in_order"),
        by("protocols/sip/usage/change/reoffer", "commands_wait_for_their_turn_and_pointless_ones_are_dropped"),
        by("interop/audio_hold", "rapid_holding_ends_as_it_was_asked_last"),
    ),
    entry(
        46,
        "digits wait for their turn, and one too many is no error of the call",
        by(
            "media/worker/digits",
            "every_digit_is_sent_in_its_turn_however_fast_they_come",
            "what_is_no_digit_or_one_too_many_is_refused",
        ),
        by("media/worker/conference", "digits_are_sent"),
    ),
    entry(
        47,
        "the names of TLS versions are spelt right",
        by("actors/wire/tls", "every_context_demands_tls_1_2"),
        by("actors/wire/tls_settings", "every_context_demands_tls_1_2"),
        remark="Nobody names a version any more: it was a misspelt constant of an old library; the least is TLS 1.2.",
    ),
    entry(
        48,
        "the last SUBSCRIBE has the extra headers of the others",
        by("protocols/sip/subscription/leaving", "it_ends_with_the_last_notify"),
    ),
    entry(
        49,
        "requests within a dialog bear the address of now, and a peer that moves is followed",
        by(
            "network/behind_nat",
            "a_call_goes_on_with_the_address_that_it_learned_but_its_cancel_repeats_the_invite",
            "contact_and_via_say_what_the_peer_saw_from_the_next_request_on",
        ),
        by("protocols/sip/usage/change/reinvite", "a_refresh_changes_the_target"),
        by("protocols/sip/usage/change/update", "another_target_is_taken_and_answered_with_ours"),
    ),
    entry(
        50,
        "a parameter may have no value; no port is None, and 0 is a number",
        by(
            "corner_cases/settings",
            "a_port_that_is_not_there_is_none_and_none_is_no_number",
            "a_parameter_without_a_value_is_none_and_has_no_equals_sign",
        ),
        by("api/uri", "any_uri_that_can_be_made_can_be_written_and_read"),
    ),
    entry(
        51,
        "RTP is bound to no single address where none was chosen, and ICE may choose a way that no c= line names",
        by("corner_cases/settings", "rtp_is_bound_to_no_single_address_where_none_was_chosen"),
        by(
            "corner_cases/chosen_candidates",
            "two_ends_behind_one_nat_hear_each_other_and_tell_each_other_what_ice_has_chosen",
            "the_offer_says_what_was_chosen_and_with_which_candidates_of_the_peer",
            "a_peer_that_refuses_to_hear_of_it_keeps_its_audio",
        ),
        by(
            "protocols/sip/usage/change/update_line",
            "one_that_meets_an_offer_of_the_peer_is_tried_again_by_lot",
            "a_worker_that_dies_meanwhile_has_its_new_line_told_all_the_same",
        ),
        by("media/leg/chosen", "where_the_peer_refuses_it_the_worker_hears_so_and_what_was_agreed_holds"),
        by("media/leg/offering", "what_nobody_asked_for_is_refused"),
        remark="Where that is not what the c= line said, the side that offered tells the peer by a re-INVITE (RFC 8839 "
        "4.4.1). It may be refused: the audio flows all the same, and nothing is told of it but in the log.",
    ),
    entry(
        52,
        "the tag of the callee stands in every message of its dialog",
        by("corner_cases/messages_on_the_wire", "the_tag_of_the_callee_stands_in_every_message_of_its_dialog"),
    ),
)
