// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// Listeners, the filters of connections, and the HTTP connection manager.
const std::string_view listenerApi = R"api(
envoy.config.listener.v3.AdditionalAddress
  address envoy.config.core.v3.Address
  socket_options message
  tcp_keepalive envoy.config.core.v3.TcpKeepalive
envoy.config.listener.v3.Filter
  name string length>=1
  typed_config any /config_type
  config_discovery message /config_type
envoy.config.listener.v3.FilterChain
  filter_chain_match envoy.config.listener.v3.FilterChainMatch
  filters []envoy.config.listener.v3.Filter
  use_proxy_proto bool?
  metadata envoy.config.core.v3.Metadata
  transport_socket envoy.config.core.v3.TransportSocket
  name string
  transport_socket_connect_timeout duration
envoy.config.listener.v3.FilterChainMatch
  prefix_ranges []envoy.config.core.v3.CidrRange
  address_suffix string
  suffix_len uint32?
  source_prefix_ranges []envoy.config.core.v3.CidrRange
  source_ports []uint32 >=1 <=65535
  destination_port uint32? >=1 <=65535
  transport_protocol string
  application_protocols []string
  server_names []string
  source_type envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType defined
  direct_source_prefix_ranges []envoy.config.core.v3.CidrRange
envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType enum
  ANY SAME_IP_OR_LOOPBACK EXTERNAL
envoy.config.listener.v3.Listener
  name string
  address envoy.config.core.v3.Address
  filter_chains []envoy.config.listener.v3.FilterChain
  use_original_dst bool?
  per_connection_buffer_limit_bytes uint32?
  metadata envoy.config.core.v3.Metadata
  deprecated_v1 envoy.config.listener.v3.Listener.DeprecatedV1
  drain_type envoy.config.listener.v3.Listener.DrainType
  listener_filters []envoy.config.listener.v3.ListenerFilter
  transparent bool?
  freebind bool?
  tcp_fast_open_queue_length uint32?
  socket_options []message
  listener_filters_timeout duration
  traffic_direction envoy.config.core.v3.TrafficDirection
  continue_on_listener_filters_timeout bool
  udp_listener_config message
  api_listener message
  connection_balance_config envoy.config.listener.v3.Listener.ConnectionBalanceConfig
  reuse_port bool
  access_log []envoy.config.accesslog.v3.AccessLog
  tcp_backlog_size uint32?
  default_filter_chain envoy.config.listener.v3.FilterChain
  bind_to_port bool?
  internal_listener message
  stat_prefix string
  enable_reuse_port bool?
  enable_mptcp bool
  ignore_global_conn_limit bool
  filter_chain_matcher message
  additional_addresses []envoy.config.listener.v3.AdditionalAddress
  max_connections_to_accept_per_socket_event uint32? >0
  bypass_overload_manager bool
  fcds_config message
  tcp_keepalive message
  per_connection_buffer_high_watermark_timeout duration >=0s
  stats_matcher message
envoy.config.listener.v3.Listener.ConnectionBalanceConfig
  exact_balance envoy.config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance /balance_type!
  extend_balance envoy.config.core.v3.TypedExtensionConfig /balance_type!
  cpu_locality_balance envoy.config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance /balance_type!
envoy.config.listener.v3.Listener.ConnectionBalanceConfig.CpuLocalityBalance
envoy.config.listener.v3.Listener.ConnectionBalanceConfig.ExactBalance
envoy.config.listener.v3.Listener.DeprecatedV1
  bind_to_port bool?
envoy.config.listener.v3.Listener.DrainType enum
  DEFAULT MODIFY_ONLY
envoy.config.listener.v3.ListenerFilter
  name string length>=1
  typed_config any /config_type
  filter_disabled envoy.config.listener.v3.ListenerFilterChainMatchPredicate
  config_discovery message /config_type
envoy.config.listener.v3.ListenerFilterChainMatchPredicate
  or_match envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet /rule!
  and_match envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet /rule!
  not_match envoy.config.listener.v3.ListenerFilterChainMatchPredicate /rule!
  any_match bool =true /rule!
  destination_port_range envoy.type.v3.Int32Range /rule!
envoy.config.listener.v3.ListenerFilterChainMatchPredicate.MatchSet
  rules []envoy.config.listener.v3.ListenerFilterChainMatchPredicate items>=2
envoy.extensions.filters.listener.http_inspector.v3.HttpInspector
envoy.extensions.filters.listener.original_dst.v3.OriginalDst
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
  rules []envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule
  allow_requests_without_proxy_protocol bool
  pass_through_tlvs message
  disallowed_versions []envoy.config.core.v3.ProxyProtocolConfig.Version
  stat_prefix string
  tlv_location envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.TlvLocation
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair
  metadata_namespace string
  key string length>=1
  value_string_encoding envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair.ValueStringEncoding
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair.ValueStringEncoding enum
  UNSPECIFIED SANITIZED_UTF8 BASE64
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.Rule
  tlv_type uint32 <256
  on_tlv_present envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.KeyValuePair
envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol.TlvLocation enum
  DYNAMIC_METADATA FILTER_STATE
envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
  enable_ja3_fingerprinting bool?
  initial_read_buffer_size uint32? >255 <65537
  enable_ja4_fingerprinting bool?
  close_connection_on_client_hello_parsing_errors bool
  max_client_hello_size uint32? >255 <=16384
envoy.extensions.filters.network.direct_response.v3.Config
  response envoy.config.core.v3.DataSource
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
  codec_type envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType defined
  stat_prefix string length>=1
  rds message /route_specifier!
  route_config envoy.config.route.v3.RouteConfiguration /route_specifier!
  http_filters []envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
  add_user_agent bool?
  tracing envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing
  http_protocol_options envoy.config.core.v3.Http1ProtocolOptions
  http2_protocol_options envoy.config.core.v3.Http2ProtocolOptions
  server_name string header-value
  drain_timeout duration
  access_log []envoy.config.accesslog.v3.AccessLog
  use_remote_address bool?
  generate_request_id bool?
  forward_client_cert_details envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails defined
  set_current_client_cert_details envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails
  proxy_100_continue bool
  xff_num_trusted_hops uint32
  represent_ipv4_remote_address_as_ipv4_mapped_ipv6 bool
  skip_xff_append bool
  via string header-value
  upgrade_configs []envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig
  stream_idle_timeout duration
  internal_address_config envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig
  delayed_close_timeout duration
  request_timeout duration
  max_request_headers_kb uint32? >0 <=8192
  normalize_path bool?
  scoped_routes message /route_specifier!
  preserve_external_request_id bool
  merge_slashes bool
  server_header_transformation envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation defined
  common_http_protocol_options envoy.config.core.v3.HttpProtocolOptions
  request_id_extension envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension
  always_set_request_id_in_response bool
  local_reply_config envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig
  strip_matching_host_port bool
  stream_error_on_invalid_http_message bool?
  request_headers_timeout duration >=0s
  strip_any_host_port bool?
  path_normalization_options message
  http3_protocol_options message
  path_with_escaped_slashes_action envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction
  original_ip_detection_extensions []envoy.config.core.v3.TypedExtensionConfig
  strip_trailing_host_dot bool
  scheme_header_transformation envoy.config.core.v3.SchemeHeaderTransformation
  proxy_status_config message
  typed_header_validation_config message
  append_x_forwarded_port bool
  early_header_mutation_extensions []envoy.config.core.v3.TypedExtensionConfig
  add_proxy_protocol_connection_state bool?
  access_log_flush_interval duration >=0.001s
  flush_access_log_on_new_request bool
  access_log_options envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.HcmAccessLogOptions
  append_local_overload bool
  http1_safe_max_connection_duration bool
  stream_flush_timeout duration
  forward_client_cert_matcher message
  forward_proto_config message
  drain_timeout_jitter message
  record_route_resolution_stats bool
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType enum
  AUTO HTTP1 HTTP2 HTTP3
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails enum
  SANITIZE FORWARD_ONLY APPEND_FORWARD SANITIZE_SET ALWAYS_FORWARD_ONLY
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertFormat enum
  TEXT JSON
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.HcmAccessLogOptions
  access_log_flush_interval duration >=0.001s
  flush_access_log_on_new_request bool
  flush_log_on_tunnel_successfully_established bool
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig
  unix_sockets bool
  cidr_ranges []envoy.config.core.v3.CidrRange
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction enum
  IMPLEMENTATION_SPECIFIC_DEFAULT KEEP_UNCHANGED REJECT_REQUEST UNESCAPE_AND_REDIRECT UNESCAPE_AND_FORWARD
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation enum
  OVERWRITE APPEND_IF_ABSENT PASS_THROUGH
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails
  subject bool?
  cert bool
  dns bool
  uri bool
  chain bool
  format envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertFormat
  issuer bool
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing
  client_sampling envoy.type.v3.Percent
  random_sampling envoy.type.v3.Percent
  overall_sampling envoy.type.v3.Percent
  verbose bool
  max_path_tag_length uint32?
  custom_tags []envoy.type.tracing.v3.CustomTag
  provider envoy.config.trace.v3.Tracing.Http
  spawn_upstream_span bool?
  operation string
  upstream_operation string
  no_context_propagation bool
envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig
  upgrade_type string
  filters []envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
  enabled bool?
envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter
  name string length>=1
  typed_config any /config_type
  config_discovery message /config_type
  is_optional bool
  disabled bool
envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig
  mappers []envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper
  body_format envoy.config.core.v3.SubstitutionFormatString
envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension
  typed_config any
envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper
  filter envoy.config.accesslog.v3.AccessLogFilter required
  status_code uint32? >=200 <600
  body envoy.config.core.v3.DataSource
  body_format_override envoy.config.core.v3.SubstitutionFormatString
  headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
envoy.extensions.filters.network.rbac.v3.RBAC
  rules envoy.config.rbac.v3.RBAC
  shadow_rules envoy.config.rbac.v3.RBAC
  stat_prefix string length>=1
  enforcement_type envoy.extensions.filters.network.rbac.v3.RBAC.EnforcementType
  shadow_rules_stat_prefix string
  matcher message
  shadow_matcher message
  delay_deny duration
envoy.extensions.filters.network.rbac.v3.RBAC.EnforcementType enum
  ONE_TIME_ON_FIRST_BYTE CONTINUOUS
envoy.extensions.filters.network.sni_cluster.v3.SniCluster
envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig
  dns_cache_config envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig required
  port_value uint32? >0 <=65535
  save_upstream_address bool
envoy.extensions.filters.network.tcp_proxy.v3.ProxyProtocolTlvMergePolicy enum
  ADD_IF_ABSENT OVERWRITE_BY_TYPE_IF_EXISTS_OR_ADD APPEND_IF_EXISTS_OR_ADD
envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
  stat_prefix string length>=1
  cluster string /cluster_specifier!
  downstream_idle_timeout duration
  upstream_idle_timeout duration
  access_log []envoy.config.accesslog.v3.AccessLog
  max_connect_attempts uint32? >=1
  idle_timeout duration
  metadata_match envoy.config.core.v3.Metadata
  weighted_clusters envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster /cluster_specifier!
  hash_policy []envoy.type.v3.HashPolicy items<=1
  tunneling_config envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig
  max_downstream_connection_duration duration >=0.001s
  on_demand message
  access_log_flush_interval duration >=0.001s
  flush_access_log_on_connected bool
  access_log_options message
  backoff_options message
  proxy_protocol_tlvs []message
  max_downstream_connection_duration_jitter_percentage message
  upstream_connect_mode envoy.extensions.filters.network.tcp_proxy.v3.UpstreamConnectMode defined
  max_early_data_bytes uint32? <=1048576
  proxy_protocol_tlv_merge_policy envoy.extensions.filters.network.tcp_proxy.v3.ProxyProtocolTlvMergePolicy defined
  check_drain_close bool?
envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig
  hostname string length>=1
  use_post bool
  headers_to_add []envoy.config.core.v3.HeaderValueOption items<=1000
  propagate_response_headers bool
  post_path string
  propagate_response_trailers bool
  request_id_extension envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension
  request_id_header string
  request_id_metadata_key string
  formatters []envoy.config.core.v3.TypedExtensionConfig
envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster
  clusters []envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight items>=1
envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight
  name string length>=1
  weight uint32 >=1
  metadata_match envoy.config.core.v3.Metadata
envoy.extensions.filters.network.tcp_proxy.v3.UpstreamConnectMode enum
  IMMEDIATE ON_DOWNSTREAM_DATA ON_DOWNSTREAM_TLS_HANDSHAKE
envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
  mutations []envoy.config.common.mutation_rules.v3.HeaderMutation items>=1
envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig
  forward_reason_phrase bool
  formatter_type_on_envoy_headers envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig.FormatterTypeOnEnvoyHeaders defined
envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig.FormatterTypeOnEnvoyHeaders enum
  DEFAULT PROPER_CASE
envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig
  pack_trace_reason bool?
  use_request_id_for_trace_sampling bool?
)api";

} // namespace sallyport::dataplane
