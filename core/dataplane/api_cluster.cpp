// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// Clusters and their endpoints. Of balancers as extensions Envoy does not check the rules that its .proto
// files state; only sizes of tables have their limits here.
const std::string_view clusterApi = R"api(
envoy.config.cluster.v3.CircuitBreakers
  thresholds []envoy.config.cluster.v3.CircuitBreakers.Thresholds
  per_host_thresholds []message
envoy.config.cluster.v3.CircuitBreakers.Thresholds
  priority envoy.config.core.v3.RoutingPriority defined
  max_connections uint32?
  max_pending_requests uint32?
  max_requests uint32?
  max_retries uint32?
  track_remaining bool
  max_connection_pools uint32?
  retry_budget envoy.config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget
envoy.config.cluster.v3.CircuitBreakers.Thresholds.RetryBudget
  budget_percent envoy.type.v3.Percent
  min_retry_concurrency uint32?
  budget_interval duration
envoy.config.cluster.v3.Cluster
  name string length>=1
  type envoy.config.cluster.v3.Cluster.DiscoveryType defined /cluster_discovery_type
  eds_cluster_config envoy.config.cluster.v3.Cluster.EdsClusterConfig
  connect_timeout duration >0s
  per_connection_buffer_limit_bytes uint32?
  lb_policy envoy.config.cluster.v3.Cluster.LbPolicy defined
  health_checks []envoy.config.core.v3.HealthCheck items<=8
  max_requests_per_connection uint32?
  circuit_breakers envoy.config.cluster.v3.CircuitBreakers
  http_protocol_options message
  http2_protocol_options envoy.config.core.v3.Http2ProtocolOptions
  dns_refresh_rate duration >0.001s
  dns_lookup_family envoy.config.cluster.v3.Cluster.DnsLookupFamily defined
  dns_resolvers []message
  outlier_detection envoy.config.cluster.v3.OutlierDetection
  cleanup_interval duration >0s
  upstream_bind_config envoy.config.core.v3.BindConfig
  lb_subset_config envoy.config.cluster.v3.Cluster.LbSubsetConfig
  ring_hash_lb_config envoy.config.cluster.v3.Cluster.RingHashLbConfig /lb_config
  transport_socket envoy.config.core.v3.TransportSocket
  metadata envoy.config.core.v3.Metadata
  protocol_selection envoy.config.cluster.v3.Cluster.ClusterProtocolSelection
  common_lb_config envoy.config.cluster.v3.Cluster.CommonLbConfig
  alt_stat_name string
  common_http_protocol_options message
  upstream_connection_options envoy.config.cluster.v3.UpstreamConnectionOptions
  close_connections_on_host_health_failure bool
  ignore_health_on_host_removal bool
  load_assignment envoy.config.endpoint.v3.ClusterLoadAssignment
  original_dst_lb_config envoy.config.cluster.v3.Cluster.OriginalDstLbConfig /lb_config
  typed_extension_protocol_options {}any
  least_request_lb_config envoy.config.cluster.v3.Cluster.LeastRequestLbConfig /lb_config
  cluster_type envoy.config.cluster.v3.Cluster.CustomClusterType /cluster_discovery_type
  respect_dns_ttl bool
  filters []message
  load_balancing_policy envoy.config.cluster.v3.LoadBalancingPolicy
  lrs_server message
  transport_socket_matches []envoy.config.cluster.v3.Cluster.TransportSocketMatch
  dns_failure_refresh_rate envoy.config.cluster.v3.Cluster.RefreshRate
  use_tcp_for_dns_lookups bool
  upstream_http_protocol_options message
  track_timeout_budgets bool
  upstream_config message
  track_cluster_stats envoy.config.cluster.v3.TrackClusterStats
  preconnect_policy envoy.config.cluster.v3.Cluster.PreconnectPolicy
  connection_pool_per_downstream_connection bool
  maglev_lb_config envoy.config.cluster.v3.Cluster.MaglevLbConfig /lb_config
  dns_resolution_config envoy.config.core.v3.DnsResolutionConfig
  wait_for_warm_on_init bool?
  typed_dns_resolver_config envoy.config.core.v3.TypedExtensionConfig
  round_robin_lb_config envoy.config.cluster.v3.Cluster.RoundRobinLbConfig /lb_config
  lrs_report_endpoint_metrics []string
  dns_jitter duration >=0s
  transport_socket_matcher message
  per_connection_buffer_high_watermark_timeout duration >=0s
  stats_matcher message
  queuing_policies message
envoy.config.cluster.v3.Cluster.ClusterProtocolSelection enum
  USE_CONFIGURED_PROTOCOL USE_DOWNSTREAM_PROTOCOL
envoy.config.cluster.v3.Cluster.CommonLbConfig
  healthy_panic_threshold envoy.type.v3.Percent
  zone_aware_lb_config envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig /locality_config_specifier
  locality_weighted_lb_config envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig /locality_config_specifier
  update_merge_window duration
  ignore_new_hosts_until_first_hc bool
  close_connections_on_host_set_change bool
  consistent_hashing_lb_config envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig
  override_host_status message
envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig
  use_hostname_for_hashing bool
  hash_balance_factor uint32? >=100
envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig
envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig
  routing_enabled envoy.type.v3.Percent
  min_cluster_size uint64?
  fail_traffic_on_panic bool
envoy.config.cluster.v3.Cluster.CustomClusterType
  name string length>=1
  typed_config any
envoy.config.cluster.v3.Cluster.DiscoveryType enum
  STATIC STRICT_DNS LOGICAL_DNS EDS ORIGINAL_DST
envoy.config.cluster.v3.Cluster.DnsLookupFamily enum
  AUTO V4_ONLY V6_ONLY V4_PREFERRED ALL
envoy.config.cluster.v3.Cluster.EdsClusterConfig
  eds_config envoy.config.core.v3.ConfigSource
  service_name string
envoy.config.cluster.v3.Cluster.LbPolicy enum
  ROUND_ROBIN LEAST_REQUEST RING_HASH RANDOM MAGLEV=5 CLUSTER_PROVIDED LOAD_BALANCING_POLICY_CONFIG
envoy.config.cluster.v3.Cluster.LbSubsetConfig
  fallback_policy envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetFallbackPolicy defined
  default_subset struct
  subset_selectors []envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector
  locality_weight_aware bool
  scale_locality_weight bool
  panic_mode_any bool
  list_as_any bool
  metadata_fallback_policy envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetMetadataFallbackPolicy defined
envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetFallbackPolicy enum
  NO_FALLBACK ANY_ENDPOINT DEFAULT_SUBSET
envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetMetadataFallbackPolicy enum
  METADATA_NO_FALLBACK FALLBACK_LIST
envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector
  keys []string
  fallback_policy envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy defined
  fallback_keys_subset []string
  single_host_per_subset bool
envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy enum
  NOT_DEFINED NO_FALLBACK ANY_ENDPOINT DEFAULT_SUBSET KEYS_SUBSET
envoy.config.cluster.v3.Cluster.LeastRequestLbConfig
  choice_count uint32? >=2
  active_request_bias envoy.config.core.v3.RuntimeDouble
  slow_start_config envoy.config.cluster.v3.Cluster.SlowStartConfig
envoy.config.cluster.v3.Cluster.MaglevLbConfig
  table_size uint64? <=5000011
envoy.config.cluster.v3.Cluster.OriginalDstLbConfig
  use_http_header bool
  http_header_name string
  upstream_port_override uint32? <=65535
  metadata_key message
envoy.config.cluster.v3.Cluster.PreconnectPolicy
  per_upstream_preconnect_ratio double? >=1 <=3
  predictive_preconnect_ratio double? >=1 <=3
envoy.config.cluster.v3.Cluster.RefreshRate
  base_interval duration required >0.001s
  max_interval duration >0.001s
envoy.config.cluster.v3.Cluster.RingHashLbConfig
  minimum_ring_size uint64? <=8388608
  hash_function envoy.config.cluster.v3.Cluster.RingHashLbConfig.HashFunction defined
  maximum_ring_size uint64? <=8388608
envoy.config.cluster.v3.Cluster.RingHashLbConfig.HashFunction enum
  XX_HASH MURMUR_HASH_2
envoy.config.cluster.v3.Cluster.RoundRobinLbConfig
  slow_start_config envoy.config.cluster.v3.Cluster.SlowStartConfig
envoy.config.cluster.v3.Cluster.SlowStartConfig
  slow_start_window duration
  aggression envoy.config.core.v3.RuntimeDouble
  min_weight_percent envoy.type.v3.Percent
envoy.config.cluster.v3.Cluster.TransportSocketMatch
  name string length>=1
  match struct
  transport_socket envoy.config.core.v3.TransportSocket
envoy.config.cluster.v3.LoadBalancingPolicy
  policies []envoy.config.cluster.v3.LoadBalancingPolicy.Policy
envoy.config.cluster.v3.LoadBalancingPolicy.Policy
  typed_extension_config envoy.config.core.v3.TypedExtensionConfig
envoy.config.cluster.v3.OutlierDetection
  consecutive_5xx uint32?
  interval duration >0s
  base_ejection_time duration >0s
  max_ejection_percent uint32? <=100
  enforcing_consecutive_5xx uint32? <=100
  enforcing_success_rate uint32? <=100
  success_rate_minimum_hosts uint32?
  success_rate_request_volume uint32?
  success_rate_stdev_factor uint32?
  consecutive_gateway_failure uint32?
  enforcing_consecutive_gateway_failure uint32? <=100
  split_external_local_origin_errors bool
  consecutive_local_origin_failure uint32?
  enforcing_consecutive_local_origin_failure uint32? <=100
  enforcing_local_origin_success_rate uint32? <=100
  failure_percentage_threshold uint32? <=100
  enforcing_failure_percentage uint32? <=100
  enforcing_failure_percentage_local_origin uint32? <=100
  failure_percentage_minimum_hosts uint32?
  failure_percentage_request_volume uint32?
  max_ejection_time duration >0s
  max_ejection_time_jitter duration
  successful_active_health_check_uneject_host bool?
  monitors []message
  always_eject_one_host bool?
  detect_degraded_hosts bool?
envoy.config.cluster.v3.TrackClusterStats
  timeout_budgets bool
  request_response_sizes bool
  per_endpoint_stats bool
envoy.config.cluster.v3.UpstreamConnectionOptions
  tcp_keepalive envoy.config.core.v3.TcpKeepalive
  set_local_interface_name_on_upstream_connections bool
  happy_eyeballs_config envoy.config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig
envoy.config.cluster.v3.UpstreamConnectionOptions.FirstAddressFamilyVersion enum
  DEFAULT V4 V6 PIPE INTERNAL
envoy.config.cluster.v3.UpstreamConnectionOptions.HappyEyeballsConfig
  first_address_family_version envoy.config.cluster.v3.UpstreamConnectionOptions.FirstAddressFamilyVersion
  first_address_family_count uint32? >=1
envoy.config.endpoint.v3.ClusterLoadAssignment
  cluster_name string length>=1
  endpoints []envoy.config.endpoint.v3.LocalityLbEndpoints
  policy envoy.config.endpoint.v3.ClusterLoadAssignment.Policy
  named_endpoints {}message
envoy.config.endpoint.v3.ClusterLoadAssignment.Policy
  drop_overloads []envoy.config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload
  overprovisioning_factor uint32? >0
  endpoint_stale_after duration >0s
  weighted_priority_health bool
envoy.config.endpoint.v3.ClusterLoadAssignment.Policy.DropOverload
  category string length>=1
  drop_percentage envoy.type.v3.FractionalPercent
envoy.config.endpoint.v3.Endpoint
  address envoy.config.core.v3.Address
  health_check_config envoy.config.endpoint.v3.Endpoint.HealthCheckConfig
  hostname string
  additional_addresses []message
  observability_name string
envoy.config.endpoint.v3.Endpoint.HealthCheckConfig
  port_value uint32 <=65535
  hostname string
  address envoy.config.core.v3.Address
  disable_active_health_check bool
envoy.config.endpoint.v3.LbEndpoint
  endpoint envoy.config.endpoint.v3.Endpoint /host_identifier
  health_status envoy.config.core.v3.HealthStatus
  metadata envoy.config.core.v3.Metadata
  load_balancing_weight uint32? >=1
  endpoint_name string /host_identifier
envoy.config.endpoint.v3.LocalityLbEndpoints
  locality envoy.config.core.v3.Locality
  lb_endpoints []envoy.config.endpoint.v3.LbEndpoint
  load_balancing_weight uint32? >=1
  priority uint32 <=128
  proximity uint32?
  load_balancer_endpoints message /lb_config
  leds_cluster_locality_config message /lb_config
  metadata envoy.config.core.v3.Metadata
envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig
  dns_cache_config envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig /cluster_implementation_specifier
  allow_insecure_cluster_options bool
  allow_coalesced_connections bool
  sub_clusters_config message /cluster_implementation_specifier
envoy.extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided
envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig
  use_hostname_for_hashing bool
  hash_balance_factor uint32?
  hash_policy []message
envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig
  zone_aware_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig /locality_config_specifier
  locality_weighted_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig /locality_config_specifier
envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig
envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig
  routing_enabled envoy.type.v3.Percent
  min_cluster_size uint64?
  fail_traffic_on_panic bool
  force_locality_direct_routing bool
  force_local_zone message
  locality_basis envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis
envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.ZoneAwareLbConfig.LocalityBasis enum
  HEALTHY_HOSTS_NUM HEALTHY_HOSTS_WEIGHT
envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig
  slow_start_window duration
  aggression envoy.config.core.v3.RuntimeDouble
  min_weight_percent envoy.type.v3.Percent
envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest
  choice_count uint32?
  active_request_bias envoy.config.core.v3.RuntimeDouble
  slow_start_config envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig
  locality_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig
  enable_full_scan bool?
  selection_method envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest.SelectionMethod
envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest.SelectionMethod enum
  N_CHOICES FULL_SCAN
envoy.extensions.load_balancing_policies.maglev.v3.Maglev
  table_size uint64? <=5000011
  consistent_hashing_lb_config envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig
  locality_weighted_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig
envoy.extensions.load_balancing_policies.random.v3.Random
  locality_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig
envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash
  hash_function envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash.HashFunction
  minimum_ring_size uint64? <=8388608
  maximum_ring_size uint64? <=8388608
  use_hostname_for_hashing bool
  hash_balance_factor uint32?
  consistent_hashing_lb_config envoy.extensions.load_balancing_policies.common.v3.ConsistentHashingLbConfig
  locality_weighted_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig.LocalityWeightedLbConfig
envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash.HashFunction enum
  DEFAULT_HASH XX_HASH MURMUR_HASH_2
envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin
  slow_start_config envoy.extensions.load_balancing_policies.common.v3.SlowStartConfig
  locality_lb_config envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig
envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport
  config message
  transport_socket envoy.config.core.v3.TransportSocket required
  allow_unspecified_address bool
  tlv_as_pool_key bool
envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer
envoy.extensions.upstreams.http.v3.HttpProtocolOptions
  common_http_protocol_options envoy.config.core.v3.HttpProtocolOptions
  upstream_http_protocol_options envoy.config.core.v3.UpstreamHttpProtocolOptions
  explicit_http_config envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig /upstream_protocol_options!
  use_downstream_protocol_config envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig /upstream_protocol_options!
  auto_config envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig /upstream_protocol_options!
  http_filters []message
  header_validation_config envoy.config.core.v3.TypedExtensionConfig
  outlier_detection envoy.extensions.upstreams.http.v3.HttpProtocolOptions.OutlierDetection
  request_mirror_policies []message
  hash_policy []message
  retry_policy message
envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig
  http_protocol_options envoy.config.core.v3.Http1ProtocolOptions
  http2_protocol_options envoy.config.core.v3.Http2ProtocolOptions
  http3_protocol_options message
  alternate_protocols_cache_options message
envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig
  http_protocol_options envoy.config.core.v3.Http1ProtocolOptions /protocol_config!
  http2_protocol_options envoy.config.core.v3.Http2ProtocolOptions /protocol_config!
  http3_protocol_options message /protocol_config!
envoy.extensions.upstreams.http.v3.HttpProtocolOptions.OutlierDetection
  error_matcher envoy.config.common.matcher.v3.MatchPredicate required
envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig
  http_protocol_options envoy.config.core.v3.Http1ProtocolOptions
  http2_protocol_options envoy.config.core.v3.Http2ProtocolOptions
  http3_protocol_options message
)api";

} // namespace sallyport::dataplane
