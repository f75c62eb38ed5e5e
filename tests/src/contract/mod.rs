//! The same laws for every event store.

mod agreement;
mod batches;
mod bytes;
mod file;
mod folder;
pub mod ground;
mod order;
mod versions;
mod writing;

/// Holds every law against every store.
macro_rules! laws {
    ($($group:ident: $($law:ident)*;)*) => {
        mod memory {
            $($(#[test] fn $law() { super::$group::$law(&mut super::ground::Ground::memory()); })*)*
        }
        mod sqlite {
            $($(#[test] fn $law() { super::$group::$law(&mut super::ground::Ground::sqlite()); })*)*
        }
        mod esdb {
            $($(#[test] fn $law() { super::$group::$law(&mut super::ground::Ground::esdb()); })*)*
        }
    };
}

laws! {
    versions:
        the_versions_of_a_stream_count_up_from_zero
        an_append_at_another_version_conflicts_and_names_the_current_one
        a_repeated_append_is_answered_as_the_first_time_and_adds_nothing
        a_repeated_append_with_other_bytes_keeps_those_stored_first
        an_append_that_only_begins_like_what_is_stored_conflicts
        the_head_is_the_last_event;
    bytes:
        metadata_and_data_come_back_byte_for_byte
        the_leaf_is_the_rfc_6962_hash_of_the_metadata
        the_largest_event_is_stored_and_one_byte_more_is_refused
        an_append_holds_one_to_a_hundred_events;
    order:
        the_log_is_in_the_order_of_the_commits
        pages_of_the_log_add_up_to_the_log
        the_log_is_read_backwards_from_its_end_or_from_before_a_place
        a_reader_at_the_end_sees_what_comes_next
        a_stream_is_read_from_a_version_and_up_to_a_limit
        an_unknown_stream_is_empty
        streams_are_listed_by_kind_in_pages;
    batches:
        of_an_append_all_events_are_stored_or_none
        in_a_batch_each_append_stands_for_itself
        in_a_batch_one_append_builds_on_the_one_before
        in_a_batch_two_for_the_same_place_leave_the_first
        what_a_batch_adds_is_told_in_log_order_and_repetitions_are_not;
    writing:
        of_many_writers_for_one_place_one_wins_each_time
        what_is_published_is_the_log
        catching_up_and_then_listening_misses_nothing_and_repeats_nothing;
}
