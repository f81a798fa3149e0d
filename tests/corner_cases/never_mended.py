"""What was known to be wrong in 2009 and never mended there."""

from __future__ import annotations

from tests.corner_cases.entry import by, entry

ENTRIES = (
    entry(
        "glare",
        "two changes that meet are both answered 491, and tried again",
        by(
            "protocols/sip/usage/change/glare",
            "both_invites_are_answered_491_and_both_sides_wait",
            "of_two_proposals_that_meet_the_first_to_come_through_is_decided_and_the_other_rejected",
            "a_peer_that_answers_491_for_ever_has_refused",
        ),
        by("interop/audio_hold", "a_hold_that_crosses_another_reinvite_is_tried_again"),
    ),
    entry(
        "487",
        "a BYE ends a change that is not answered yet with 487",
        by("corner_cases/orders", "a_bye_in_the_middle_of_a_change_answers_it_487_and_is_no_failure"),
        by("protocols/sip/usage/change/reoffer", "a_487_ends_nothing_before_our_bye_is_answered"),
        by("protocols/sip/usage/change/update", "a_bye_ends_an_update_that_is_not_answered_yet"),
    ),
    entry(
        "no offer",
        "an INVITE without a description is answered with an offer",
        by(
            "protocols/sip/usage/setup/late_offer",
            "the_200_offers_what_was_accepted",
            "the_ack_brings_the_answer",
            "a_missing_or_bad_answer_ends_the_call_with_488",
            "a_reinvite_without_a_description_is_answered_as_a_new_call_would_be",
        ),
    ),
    entry(
        "chunks",
        "a message that comes in parts is told once, whole",
        by("protocols/msrp/chat/chat", "a_message_in_chunks_is_got_once"),
        by("protocols/msrp/reassembly", "any_order_of_any_chunks_makes_the_message"),
        by("network/raw_peers", "a_peer_that_connects_is_bound_answered_reported_and_reassembled"),
    ),
    entry(
        "accept-types",
        "the peer gets what it takes and nothing else",
        by("protocols/msrp/chat/chat", "cpim_is_used_only_if_the_peer_takes_it"),
        by("protocols/msrp/chat/chat", "what_the_peer_does_not_take_is_refused_to_the_sender"),
        by("network/raw_peers", "a_peer_that_takes_no_cpim_gets_the_bare_message_and_no_private_one"),
    ),
    entry(
        "several lines",
        "of several lines of a kind the first usable one is taken",
        by("corner_cases/streams_on_the_wire", "the_first_usable_line_of_a_kind_is_taken_and_the_others_refused"),
        by("protocols/sip/usage/streams/lines", "the_first_usable_line_of_each_kind_is_proposed"),
    ),
    entry(
        "user_agent",
        "a name of the program that is set counts",
        by("api/engine/engine", "a_user_agent_that_is_set_while_running_counts_for_later_calls"),
    ),
    entry(
        "leak",
        "a session that ends before its INVITE is forgotten",
        by("network/whole_calls", "a_call_that_is_terminated_before_its_invite_leaves_nothing"),
        by("protocols/sip/usage/setup/cancel", "a_call_that_was_not_sent_ends_at_once_and_is_never_sent"),
    ),
    entry(
        "reason",
        "a failure has a reason that can be shown",
        by("corner_cases/what_is_told", "a_failure_has_a_reason_and_no_attribute_is_absent"),
        by("protocols/sip/usage/ending/failure", "a_failure_without_a_reason_gets_the_phrase_of_its_code"),
    ),
    entry(
        "refused hold",
        "a hold that is refused is taken back",
        by("protocols/sip/usage/change/hold", "a_refused_hold_is_taken_back", "a_refused_unhold_leaves_the_call_held"),
        by("interop/audio_hold", "a_refused_hold_is_taken_back_and_the_call_is_heard"),
    ),
    entry(
        "code",
        "a failure has its own code, not that of the BYE after it",
        by("corner_cases/orders", "the_code_of_a_failure_is_never_that_of_the_bye_that_follows_it"),
        by("network/raw_peers", "an_answer_that_cannot_be_used_is_acknowledged_and_fails_with_488"),
    ),
    entry(
        "equality",
        "the same description again is the same",
        by("corner_cases/orders", "the_same_description_again_is_the_same_whatever_else_the_invite_says"),
        by("protocols/sdp/offer_answer", "the_same_offer_again_is_the_same_document"),
    ),
)
