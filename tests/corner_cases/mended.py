"""The bugs that were mended in the spring of 2009, 1 to 26 of 52."""

from __future__ import annotations

from tests.corner_cases.entry import by, entry

ENTRIES = (
    entry(
        1,
        "who was connected to answers a wish for a success report like any other",
        by("network/raw_peers", "a_peer_that_connects_is_bound_answered_reported_and_reassembled"),
        by("protocols/msrp/incoming", "reports_are_those_that_were_asked_for"),
    ),
    entry(
        2,
        "a chunk may have any size",
        by("protocols/msrp/framer_streams", "a_chunk_of_any_size_needs_no_memory"),
        by("actors/transfer/transfer", "one_chunk_of_any_size_is_written_as_it_comes"),
        by("network/messages", "a_large_message_arrives_whole"),
    ),
    entry(
        3,
        "every call may come from any thread",
        by("api/engine/engine", "every_public_method_may_be_called_from_foreign_threads"),
        by("actors/runtime/ref", "a_foreign_thread_tells_and_asks"),
    ),
    entry(
        4,
        "no ringtone is no trouble",
        by("corner_cases/settings", "a_call_needs_no_ringtone"),
        by("api/session/ringing", "without_audio_or_a_file_the_call_goes_on_in_silence"),
    ),
    entry(
        5,
        "a call may consist of a chat alone",
        by("network/whole_calls", "an_accepted_call_that_the_caller_ends"),
        by("protocols/sip/usage/streams/lines", "the_first_usable_line_of_each_kind_is_proposed"),
    ),
    entry(
        6,
        "each line of an answer stands where the offer has it",
        by("network/raw_peers", "the_answer_refuses_foreign_lines_in_place_and_has_the_host_of_the_invite_as_contact"),
        by("protocols/sdp/capability", "lines_that_are_not_accepted_are_refused_in_their_place"),
    ),
    entry(
        7,
        "reject() and the caller's CANCEL may meet",
        by(
            "corner_cases/races",
            "reject_and_the_cancel_of_the_caller_may_meet_in_any_moment",
            "who_rejects_as_the_cancel_is_told_rejects_nothing",
        ),
    ),
    entry(
        8,
        "a refused line repeats no attribute of the offer",
        by("protocols/sdp/capability", "a_refused_line_keeps_kind_protocol_and_formats_only"),
        by("network/raw_peers", "the_answer_refuses_foreign_lines_in_place_and_has_the_host_of_the_invite_as_contact"),
    ),
    entry(
        9,
        "a chat that several end at once ends once",
        by("corner_cases/races", "a_chat_that_many_threads_end_at_once_ends_once"),
    ),
    entry(
        10,
        "a STUN server is not asked, nor waited for, where ICE is off",
        by("corner_cases/settings", "a_stun_server_is_not_asked_without_ice"),
        by("api/configuration", "forced_counts_only_with_srtp_and_stun_only_with_ice"),
        by("media/worker/ice", "a_silent_stun_server_delays_only_the_call_that_wants_it"),
    ),
    entry(
        11,
        "no MSRP URI of ours has port 0",
        by("corner_cases/messages_on_the_wire", "the_path_that_we_offer_never_has_port_0"),
        remark="We listen whenever we offer, so the port is always a real one.",
    ),
    entry(
        12,
        "it is told when other streams run than before",
        by(
            "protocols/sip/usage/change/stream_update",
            "a_stream_that_is_added_and_one_that_is_removed_are_told_at_both_ends_once",
            "a_stream_that_is_lost_is_told",
            "hold_refresh_and_a_rejected_proposal_change_nothing",
        ),
        by(
            "corner_cases/streams_on_the_wire",
            "a_chat_that_the_peer_removes_goes_and_the_audio_stays_and_the_other_way_round",
        ),
    ),
    entry(
        13,
        "authority, certificate and key are three files",
        by("network/calls_over_tls", "a_call_over_tls_is_answered_chatted_and_ended"),
        by("actors/wire/tls_settings", "a_certificate_and_its_key_in_two_files_or_in_one"),
    ),
    entry(
        14,
        "a message names its program once",
        by("corner_cases/messages_on_the_wire", "every_message_names_its_program_once"),
    ),
    entry(
        15,
        "the Request-URI says who is called, To does not",
        by("corner_cases/messages_on_the_wire", "a_call_is_taken_whomever_its_to_names"),
        by("network/strangers", "names_that_are_not_called_here_are_404"),
    ),
    entry(
        16,
        "the fate of a proposal of ours is told, and 2xx is no rejection",
        by(
            "protocols/sip/usage/change/proposal",
            "a_proposal_that_both_want_is_accepted_on_both_sides",
            "a_proposal_that_the_user_rejects_gets_488_with_a_warning_and_a_reason",
        ),
        by("api/audio/streams", "a_stream_is_added_and_removed_and_added_again"),
    ),
    entry(
        17,
        "a chat that we remove is forgotten before it has ended",
        by("corner_cases/streams_on_the_wire", "a_chat_that_we_remove_is_forgotten_whatever_the_peer_says"),
    ),
    entry(
        18,
        "a 488 within the dialog explains itself",
        by(
            "protocols/sip/usage/change/reinvite",
            "what_would_change_the_session_is_refused_and_changes_nothing",
            "the_warning_carries_text_of_the_peer_harmlessly",
        ),
        by(
            "protocols/sip/usage/change/proposal",
            "a_proposal_that_the_user_rejects_gets_488_with_a_warning_and_a_reason",
        ),
    ),
    entry(
        19,
        "audio and chat are removed each for itself",
        by(
            "corner_cases/streams_on_the_wire",
            "a_chat_that_the_peer_removes_goes_and_the_audio_stays_and_the_other_way_round",
        ),
        by("protocols/sip/usage/change/removal", "a_stream_is_stopped_at_once_and_its_line_gets_port_0"),
    ),
    entry(
        20,
        "a stream that is added disturbs neither the others nor their places",
        by(
            "protocols/sip/usage/change/proposal",
            "what_runs_is_not_disturbed_by_a_proposal",
            "a_proposal_of_what_is_there_already_is_dropped",
        ),
        by("protocols/sip/usage/change/new_offer", "a_second_stream_of_a_kind_is_refused_in_place"),
        by("protocols/sdp/capability", "an_offer_has_no_gaps", "an_added_stream_gets_a_line_at_the_end"),
    ),
    entry(
        21,
        "a refusal ends a proposal, a provisional response does not",
        by("corner_cases/streams_on_the_wire", "a_proposal_waits_for_more_than_a_provisional_response"),
    ),
    entry(
        22,
        "any final response frees the session for the next change",
        by("protocols/sip/usage/change/hold", "a_refused_hold_is_taken_back"),
        by("corner_cases/streams_on_the_wire", "a_proposal_waits_for_more_than_a_provisional_response"),
    ),
    entry(
        23,
        "a chat is accepted before its connection is there",
        by("corner_cases/streams_on_the_wire", "a_chat_is_accepted_before_its_connection_is_there"),
    ),
    entry(
        24,
        "the line of a stream that was refused is used again",
        by(
            "corner_cases/streams_on_the_wire",
            "a_line_that_was_not_accepted_is_used_when_its_stream_is_added_later",
            "a_line_that_the_peer_refused_is_used_for_the_next_try_and_for_its_own",
        ),
        by(
            "protocols/sip/usage/change/new_offer",
            "a_refused_line_is_used_for_the_next_proposal_of_its_kind",
        ),
        by("protocols/sip/usage/change/proposal", "a_rejected_stream_can_be_proposed_again_by_either_side"),
    ),
    entry(
        25,
        "an answer with fewer, more or other lines is noticed",
        by(
            "corner_cases/streams_on_the_wire",
            "an_answer_with_other_lines_than_the_offer_ends_the_session_and_crashes_nothing",
        ),
        by("protocols/sdp/matching", "an_answer_that_does_not_fit", "a_new_offer_may_add_lines_but_never_drops_one"),
    ),
    entry(
        26,
        "whatever goes wrong in a chat ends in a failure that is told",
        by(
            "chaos/crashing_sessions",
            "a_crash_each_time_that_the_chat_is_prepared_fails_the_call_and_tells_the_peer",
            "a_preparation_that_never_ends_fails_the_call",
        ),
        by("network/chats_alone", "a_chat_whose_actor_crashes_for_ever_ends_and_says_so"),
    ),
)
