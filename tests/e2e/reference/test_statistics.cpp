// SPDX-License-Identifier: GPL-3.0-or-later
// Which statistics there are, and what they count: envoy-behaviour 6.1 to 6.5.
#include "tests/e2e/reference/statement_test.h"

class TestStatistics : public reference::StatementTest
{
    using Names = std::initializer_list<const char *>;

    /// Names with a prefix that all have this value; none: there are no such names.
    static void have(reference::Statement &statement, const QString &prefix, std::optional<qint64> value,
                     Names names)
    {
        for (const char *name : names)
            statement.counts(prefix + name, value);
    }

    void listeners()
    {
        reference::Statement &listener = state("6.2 a listener with a stat_prefix")
                                             .withListener(R"("stat_prefix": "p:@n@")")
                                             .asks(get("/"))
                                             .says("200 OK = ok");
        // A colon in a name becomes an underscore.
        const QString prefix = "listener.p_@n@.";
        have(listener, prefix, 1,
             {"downstream_cx_total", "downstream_cx_destroy", "worker_0.downstream_cx_total",
              "http.s@n@.downstream_rq_2xx", "http.s@n@.downstream_rq_completed"});
        have(listener, prefix, 0,
             {"downstream_cx_active", "downstream_cx_overflow", "downstream_cx_overload_reject",
              "downstream_cx_transport_socket_connect_timeout", "downstream_global_cx_overflow",
              "downstream_listener_filter_error", "downstream_listener_filter_remote_close",
              "downstream_pre_cx_active", "downstream_pre_cx_timeout", "no_filter_chain_match",
              "worker_0.downstream_cx_active", "http.s@n@.downstream_rq_1xx", "http.s@n@.downstream_rq_3xx",
              "http.s@n@.downstream_rq_4xx", "http.s@n@.downstream_rq_5xx"});
        reference::Statement &manager = state("6.2 the listener manager").asks(get("/")).says("200 OK = ok");
        have(manager, "listener_manager.", 0,
             {"listener_create_failure", "listener_in_place_updated", "listener_modified", "listener_removed",
              "listener_stopped", "total_filter_chains_draining", "total_listeners_draining",
              "total_listeners_warming"});
        have(manager, "listener_manager.", 1, {"workers_started"});
    }

    void connectionManagers()
    {
        reference::Statement &manager = state("6.3 a connection manager").asks(get("/")).says("200 OK = ok");
        const QString prefix = "http.s@n@.";
        have(manager, prefix, 1,
             {"downstream_cx_total", "downstream_cx_http1_total", "downstream_rq_total",
              "downstream_rq_http1_total", "downstream_rq_completed", "downstream_rq_2xx",
              "downstream_cx_destroy", "downstream_cx_destroy_remote", "rq_total"});
        have(manager, prefix, 0,
             {"downstream_cx_active",
              "downstream_cx_delayed_close_timeout",
              "downstream_cx_destroy_active_rq",
              "downstream_cx_destroy_local",
              "downstream_cx_destroy_local_active_rq",
              "downstream_cx_destroy_remote_active_rq",
              "downstream_cx_drain_close",
              "downstream_cx_http1_active",
              "downstream_cx_http1_soft_drain",
              "downstream_cx_http2_active",
              "downstream_cx_http2_total",
              "downstream_cx_http3_active",
              "downstream_cx_http3_total",
              "downstream_cx_idle_timeout",
              "downstream_cx_max_duration_reached",
              "downstream_cx_max_requests_reached",
              "downstream_cx_overload_disable_keepalive",
              "downstream_cx_protocol_error",
              "downstream_cx_rx_bytes_buffered",
              "downstream_cx_ssl_active",
              "downstream_cx_ssl_total",
              "downstream_cx_tx_bytes_buffered",
              "downstream_cx_upgrades_active",
              "downstream_cx_upgrades_total",
              "downstream_flow_control_paused_reading_total",
              "downstream_flow_control_resumed_reading_total",
              "downstream_rq_1xx",
              "downstream_rq_3xx",
              "downstream_rq_4xx",
              "downstream_rq_5xx",
              "downstream_rq_active",
              "downstream_rq_failed_path_normalization",
              "downstream_rq_header_timeout",
              "downstream_rq_http2_total",
              "downstream_rq_http3_total",
              "downstream_rq_idle_timeout",
              "downstream_rq_max_duration_reached",
              "downstream_rq_non_relative_path",
              "downstream_rq_overload_close",
              "downstream_rq_redirected_with_normalized_path",
              "downstream_rq_rejected_via_ip_detection",
              "downstream_rq_response_before_rq_complete",
              "downstream_rq_rx_reset",
              "downstream_rq_timeout",
              "downstream_rq_too_large",
              "downstream_rq_too_many_premature_resets",
              "downstream_rq_tx_reset",
              "downstream_rq_ws_on_non_ws_route",
              "no_cluster",
              "no_route",
              "passthrough_internal_redirect_bad_location",
              "rq_direct_response",
              "rq_redirect",
              "rq_reset_after_downstream_response_started",
              "rs_too_large",
              "tracing.random_sampling"});
        have(manager, "http1.", 0,
             {"dropped_headers_with_underscores", "metadata_not_supported_error",
              "requests_rejected_with_underscores_in_headers", "response_flood"});
        reference::Statement &waited =
            state("6.3 an interim answer is one more")
                .asks("POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n1", {})
                .does("response", "POST")
                .answersSomehow();
        have(waited, prefix, 1, {"downstream_rq_1xx", "downstream_rq_2xx", "downstream_rq_total"});
        have(waited, prefix, 2, {"downstream_rq_completed"});
        reference::Statement &refused = state("6.3 what cannot be read is a 4xx")
                                            .asks("GET / HTTP/1.1\r\n\r\n")
                                            .answersSomehow()
                                            .closes();
        have(refused, prefix, 1, {"downstream_rq_4xx", "downstream_rq_completed", "downstream_rq_total"});
        reference::Statement &left = state("6.3 a client that leaves gets no class")
                                         .asks(get("/delay/300"), {})
                                         .does("sleep_ms", 50)
                                         .does("reset", true)
                                         .answersSomehow();
        have(left, prefix, 1, {"downstream_rq_rx_reset", "downstream_cx_destroy_remote_active_rq"});
        have(left, prefix, 0,
             {"downstream_rq_2xx", "downstream_rq_4xx", "downstream_rq_5xx", "downstream_rq_completed"});
    }

    void clusters()
    {
        reference::Statement &plain = stateOfPolicy("6.4 a cluster", {}).asks(get("/")).says("200 OK = ok");
        const QString prefix = "cluster.c@n@.";
        have(plain, prefix, 1,
             {"upstream_cx_total", "upstream_cx_http1_total", "upstream_rq_total",
              "upstream_rq_pending_total", "upstream_rq_completed", "upstream_rq_200", "upstream_rq_2xx",
              "external.upstream_rq_200", "external.upstream_rq_2xx", "external.upstream_rq_completed",
              "membership_change", "membership_total", "membership_healthy", "default.total_match_count",
              "upstream_cx_active"});
        have(plain, prefix, 0,
             {"assignment_stale",
              "assignment_timeout_received",
              "assignment_use_cached",
              "bind_errors",
              "circuit_breakers.default.cx_open",
              "circuit_breakers.default.cx_pool_open",
              "circuit_breakers.default.rq_open",
              "circuit_breakers.default.rq_pending_open",
              "circuit_breakers.default.rq_retry_open",
              "circuit_breakers.high.cx_open",
              "circuit_breakers.high.cx_pool_open",
              "circuit_breakers.high.rq_open",
              "circuit_breakers.high.rq_pending_open",
              "circuit_breakers.high.rq_retry_open",
              "lb_healthy_panic",
              "lb_local_cluster_not_ok",
              "lb_recalculate_zone_structures",
              "lb_subsets_active",
              "lb_subsets_created",
              "lb_subsets_fallback",
              "lb_subsets_fallback_panic",
              "lb_subsets_removed",
              "lb_subsets_selected",
              "lb_zone_cluster_too_small",
              "lb_zone_no_capacity_left",
              "lb_zone_routing_all_directly",
              "lb_zone_routing_cross_zone",
              "lb_zone_routing_sampled",
              "max_host_weight",
              "membership_degraded",
              "membership_excluded",
              "original_dst_host_invalid",
              "retry_or_shadow_abandoned",
              "update_attempt",
              "update_empty",
              "update_failure",
              "update_no_rebuild",
              "update_success",
              "upstream_cx_close_notify",
              "upstream_cx_connect_attempts_exceeded",
              "upstream_cx_connect_fail",
              "upstream_cx_connect_timeout",
              "upstream_cx_connect_with_0_rtt",
              "upstream_cx_destroy",
              "upstream_cx_destroy_local",
              "upstream_cx_destroy_local_with_active_rq",
              "upstream_cx_destroy_remote",
              "upstream_cx_destroy_remote_with_active_rq",
              "upstream_cx_destroy_with_active_rq",
              "upstream_cx_http2_total",
              "upstream_cx_http3_total",
              "upstream_cx_idle_timeout",
              "upstream_cx_max_duration_reached",
              "upstream_cx_max_requests",
              "upstream_cx_none_healthy",
              "upstream_cx_overflow",
              "upstream_cx_pool_overflow",
              "upstream_cx_protocol_error",
              "upstream_cx_tx_bytes_buffered",
              "upstream_flow_control_backed_up_total",
              "upstream_flow_control_drained_total",
              "upstream_flow_control_paused_reading_total",
              "upstream_flow_control_resumed_reading_total",
              "upstream_internal_redirect_failed_total",
              "upstream_internal_redirect_succeeded_total",
              "upstream_rq_0rtt",
              "upstream_rq_active",
              "upstream_rq_active_overflow",
              "upstream_rq_cancelled",
              "upstream_rq_maintenance_mode",
              "upstream_rq_max_duration_reached",
              "upstream_rq_pending_active",
              "upstream_rq_pending_failure_eject",
              "upstream_rq_pending_overflow",
              "upstream_rq_per_try_idle_timeout",
              "upstream_rq_per_try_timeout",
              "upstream_rq_retry",
              "upstream_rq_retry_backoff_exponential",
              "upstream_rq_retry_backoff_ratelimited",
              "upstream_rq_retry_limit_exceeded",
              "upstream_rq_retry_overflow",
              "upstream_rq_retry_success",
              "upstream_rq_rx_reset",
              "upstream_rq_timeout",
              "upstream_rq_tx_reset",
              "version",
              "warming_state"});
        // Those of a code are there from the first answer on that has it.
        have(plain, prefix, std::nullopt,
             {"upstream_rq_404", "upstream_rq_4xx", "upstream_rq_503", "internal.upstream_rq_200",
              "canary.upstream_rq_200", "retry.upstream_rq_200", "zone.a.b.upstream_rq_200",
              "circuit_breakers.default.remaining_rq", "ring_hash_lb.size",
              "outlier_detection.ejections_active"});
        reference::Statement &refused =
            stateOfPolicy("6.4 a failed connect is a 503, but no request", {}, {}, "nobody")
                .asks(get("/"))
                .answersSomehow();
        have(refused, prefix, 1,
             {"upstream_rq_503", "upstream_rq_5xx", "upstream_rq_completed", "external.upstream_rq_503",
              "upstream_cx_connect_fail", "upstream_cx_total", "upstream_rq_pending_failure_eject"});
        have(refused, prefix, 0, {"upstream_rq_total"});
        reference::Statement &empty =
            stateOfPolicy("6.4 no host is a 503, but no request", {}, {}, {}).asks(get("/")).answersSomehow();
        have(empty, prefix, 1, {"upstream_rq_503", "upstream_cx_none_healthy", "upstream_rq_completed"});
        have(empty, prefix, 0,
             {"upstream_rq_total", "upstream_cx_total", "membership_total", "membership_change"});
        reference::Statement &renamed = stateOfPolicy("6.4 alt_stat_name, whose colons become underscores",
                                                      {}, R"("alt_stat_name": "alt:c@n@;")")
                                            .asks(get("/"))
                                            .says("200 OK = ok");
        have(renamed, "cluster.alt_c@n@;.", 1, {"upstream_rq_total", "upstream_rq_200"});
        have(renamed, prefix, std::nullopt, {"upstream_rq_total"});
        reference::Statement &canary = stateOfPolicy("6.4 a canary answers", {})
                                           .asks(get("/response-headers?x-envoy-upstream-canary=true"))
                                           .answersSomehow();
        have(canary, prefix, 1,
             {"canary.upstream_rq_200", "canary.upstream_rq_2xx", "canary.upstream_rq_completed"});
        reference::Statement &retried =
            stateOfPolicy("6.4 an attempt that is repeated", R"("retry_on": "5xx")")
                .asks(flaky(1, 503))
                .answersSomehow();
        have(retried, prefix, 1,
             {"retry.upstream_rq_503", "retry.upstream_rq_5xx", "retry.upstream_rq_completed",
              "upstream_rq_200", "upstream_rq_completed", "upstream_rq_retry", "upstream_rq_retry_success"});
        have(retried, prefix, 2, {"upstream_rq_total"});
        have(retried, prefix, std::nullopt, {"upstream_rq_503"});
        reference::Statement &ring =
            stateOfPolicy("6.4 a ring", {}, R"("lb_policy": "RING_HASH")").asks(get("/")).says("200 OK = ok");
        have(ring, prefix, 1024,
             {"ring_hash_lb.size", "ring_hash_lb.min_hashes_per_host", "ring_hash_lb.max_hashes_per_host"});
        reference::Statement &maglev = stateOfPolicy("6.4 a Maglev table", {}, R"("lb_policy": "MAGLEV")")
                                           .asks(get("/"))
                                           .says("200 OK = ok");
        have(maglev, prefix, 1, {"maglev_lb.min_entries_per_host", "maglev_lb.max_entries_per_host"});
        reference::Statement &shared = state("6.4 the cluster manager").asks(get("/")).says("200 OK = ok");
        have(shared, "cluster_manager.", 0,
             {"cluster_modified", "cluster_removed", "cluster_updated", "cluster_updated_via_merge",
              "update_merge_cancelled", "update_out_of_merge_window", "warming_clusters"});
    }

    void server()
    {
        reference::Statement &server = state("6.5 the server").asks(get("/")).says("200 OK = ok");
        have(server, "server.", 1, {"concurrency", "live"});
        have(server, "server.", 0,
             {"debug_assertion_failures", "dropped_stat_flushes", "dynamic_unknown_fields",
              "envoy_bug_failures", "envoy_notifications", "parent_connections", "static_unknown_fields",
              "state", "main_thread.watchdog_mega_miss", "main_thread.watchdog_miss",
              "worker_0.watchdog_mega_miss", "worker_0.watchdog_miss", "wip_protos", "hot_restart_epoch"});
        have(server, "server.", 4294967295, {"days_until_first_cert_expiring"});
        have(server, {}, 0,
             {"main_thread.watchdog_miss", "workers.watchdog_miss", "workers.watchdog_mega_miss",
              "filesystem.reopen_failed", "filesystem.write_failed", "runtime.admin_overrides_active",
              "runtime.deprecated_feature_use", "runtime.load_error", "runtime.num_keys",
              "runtime.num_layers", "runtime.override_dir_exists"});
    }

    void statements() override
    {
        listeners();
        connectionManagers();
        clusters();
        server();
    }
};

QTEST_GUILESS_MAIN(TestStatistics)
