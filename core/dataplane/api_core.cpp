// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// What every part of a configuration is made of: addresses, headers, matchers, protocols, numbers.
const std::string_view coreApi = R"api(
envoy.config.common.matcher.v3.HttpHeadersMatch
  headers []envoy.config.route.v3.HeaderMatcher
envoy.config.common.matcher.v3.MatchPredicate
  or_match envoy.config.common.matcher.v3.MatchPredicate.MatchSet /rule!
  and_match message /rule!
  not_match message /rule!
  any_match bool =true /rule!
  http_request_headers_match message /rule!
  http_request_trailers_match message /rule!
  http_response_headers_match envoy.config.common.matcher.v3.HttpHeadersMatch /rule!
  http_response_trailers_match message /rule!
  http_request_generic_body_match message /rule!
  http_response_generic_body_match message /rule!
envoy.config.common.matcher.v3.MatchPredicate.MatchSet
  rules []envoy.config.common.matcher.v3.MatchPredicate items>=2
envoy.config.common.mutation_rules.v3.HeaderMutation
  remove string header-value /action!
  append envoy.config.core.v3.HeaderValueOption /action!
  remove_on_match message /action!
envoy.config.core.v3.Address
  socket_address envoy.config.core.v3.SocketAddress /address!
  pipe envoy.config.core.v3.Pipe /address!
  envoy_internal_address message /address!
envoy.config.core.v3.AggregatedConfigSource
envoy.config.core.v3.ApiVersion enum
  AUTO V2 V3
envoy.config.core.v3.BindConfig
  source_address envoy.config.core.v3.SocketAddress
  freebind bool?
  socket_options []message
  additional_source_addresses []message
  extra_source_addresses []message
  local_address_selector message
  validate_network_namespaces bool
envoy.config.core.v3.BuildVersion
  version envoy.type.v3.SemanticVersion
  metadata struct
envoy.config.core.v3.CidrRange
  address_prefix string length>=1
  prefix_len uint32? <=128
envoy.config.core.v3.ConfigSource
  path string /config_source_specifier!
  api_config_source message /config_source_specifier!
  ads envoy.config.core.v3.AggregatedConfigSource /config_source_specifier!
  initial_fetch_timeout duration
  self message /config_source_specifier!
  resource_api_version envoy.config.core.v3.ApiVersion defined
  authorities []message
  path_config_source envoy.config.core.v3.PathConfigSource /config_source_specifier!
envoy.config.core.v3.DataSource
  filename string length>=1 /specifier!
  inline_bytes bytes /specifier!
  inline_string string /specifier!
  environment_variable string length>=1 /specifier!
  watched_directory envoy.config.core.v3.WatchedDirectory
envoy.config.core.v3.DnsResolutionConfig
  resolvers []envoy.config.core.v3.Address items>=1
  dns_resolver_options envoy.config.core.v3.DnsResolverOptions
envoy.config.core.v3.DnsResolverOptions
  use_tcp_for_dns_lookups bool
  no_default_search_domain bool
envoy.config.core.v3.Extension
  name string
  category string
  type_descriptor string
  version envoy.config.core.v3.BuildVersion
  disabled bool
  type_urls []string
envoy.config.core.v3.GrpcMethodList
  services []envoy.config.core.v3.GrpcMethodList.Service
envoy.config.core.v3.GrpcMethodList.Service
  name string length>=1
  method_names []string items>=1
envoy.config.core.v3.HeaderValue
  key string length>=1 bytes<=16384 header-name
  value string bytes<=16384 header-value
  raw_value bytes length>=0 length<=16384
envoy.config.core.v3.HeaderValueOption
  header envoy.config.core.v3.HeaderValue required
  append bool?
  append_action envoy.config.core.v3.HeaderValueOption.HeaderAppendAction defined
  keep_empty_value bool
envoy.config.core.v3.HeaderValueOption.HeaderAppendAction enum
  APPEND_IF_EXISTS_OR_ADD ADD_IF_ABSENT OVERWRITE_IF_EXISTS_OR_ADD OVERWRITE_IF_EXISTS
envoy.config.core.v3.HealthStatus enum
  UNKNOWN HEALTHY UNHEALTHY DRAINING TIMEOUT DEGRADED
envoy.config.core.v3.Http1ProtocolOptions
  allow_absolute_url bool?
  accept_http_10 bool
  default_host_for_http_10 string
  header_key_format envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat
  enable_trailers bool
  allow_chunked_length bool
  override_stream_error_on_invalid_http_message bool?
  send_fully_qualified_url bool
  use_balsa_parser bool?
  allow_custom_methods bool
  ignore_http_11_upgrade []envoy.type.matcher.v3.StringMatcher
envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat
  proper_case_words envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords /header_format!
  stateful_formatter envoy.config.core.v3.TypedExtensionConfig /header_format!
envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat.ProperCaseWords
envoy.config.core.v3.Http2ProtocolOptions
  hpack_table_size uint32?
  max_concurrent_streams uint32? >=1 <=2147483647
  initial_stream_window_size uint32? >=65535 <=2147483647
  initial_connection_window_size uint32? >=65535 <=2147483647
  allow_connect bool
  allow_metadata bool
  max_outbound_frames uint32? >=1
  max_outbound_control_frames uint32? >=1
  max_consecutive_inbound_frames_with_empty_payload uint32?
  max_inbound_priority_frames_per_stream uint32?
  max_inbound_window_update_frames_per_data_frame_sent uint32? >=1
  stream_error_on_invalid_http_messaging bool
  custom_settings_parameters []message
  override_stream_error_on_invalid_http_message bool?
  connection_keepalive envoy.config.core.v3.KeepaliveSettings
  use_oghttp2_codec bool?
  max_metadata_size uint64?
  enable_huffman_encoding bool?
  max_header_field_size_kb uint32? >=64 <=256
  disallow_obs_text bool?
  stream_reset_burst uint64?
  stream_reset_rate uint64?
envoy.config.core.v3.HttpProtocolOptions
  idle_timeout duration
  max_headers_count uint32? >=1
  max_connection_duration duration
  max_stream_duration duration
  headers_with_underscores_action envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction
  max_requests_per_connection uint32?
  max_response_headers_kb uint32? >0 <=8192
  max_connection_duration_jitter message
envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction enum
  ALLOW REJECT_REQUEST DROP_HEADER
envoy.config.core.v3.HttpUri
  uri string length>=1
  cluster string length>=1 /http_upstream_type!
  timeout duration required >=0s <4294967296s
envoy.config.core.v3.JsonFormatOptions
  sort_properties bool
envoy.config.core.v3.KeepaliveSettings
  interval duration >=0.001s
  timeout duration required >=0.001s
  interval_jitter envoy.type.v3.Percent
  connection_idle_interval duration >=0.001s
envoy.config.core.v3.Locality
  region string
  zone string
  sub_zone string
envoy.config.core.v3.Metadata
  filter_metadata {}struct keys>=1
  typed_filter_metadata {}any keys>=1
envoy.config.core.v3.Node
  id string
  cluster string
  metadata struct
  locality envoy.config.core.v3.Locality
  user_agent_name string
  user_agent_version string /user_agent_version_type
  user_agent_build_version envoy.config.core.v3.BuildVersion /user_agent_version_type
  extensions []envoy.config.core.v3.Extension
  client_features []string
  listening_addresses []envoy.config.core.v3.Address
  dynamic_parameters {}xds.core.v3.ContextParams
envoy.config.core.v3.PathConfigSource
  path string length>=1
  watched_directory envoy.config.core.v3.WatchedDirectory
  poll_interval duration >=0.001s
envoy.config.core.v3.Pipe
  path string length>=1
  mode uint32 <=511
envoy.config.core.v3.ProxyProtocolConfig.Version enum
  V1 V2
envoy.config.core.v3.RoutingPriority enum
  DEFAULT HIGH
envoy.config.core.v3.RuntimeDouble
  default_value double
  runtime_key string
envoy.config.core.v3.RuntimeFractionalPercent
  default_value envoy.type.v3.FractionalPercent required
  runtime_key string
envoy.config.core.v3.RuntimeUInt32
  default_value uint32
  runtime_key string
envoy.config.core.v3.SchemeHeaderTransformation
  scheme_to_overwrite string? one-of=http,https
  match_upstream bool
envoy.config.core.v3.SocketAddress
  protocol envoy.config.core.v3.SocketAddress.Protocol defined
  address string length>=1
  port_value uint32 <=65535 /port_specifier!
  named_port string /port_specifier!
  resolver_name string
  ipv4_compat bool
  network_namespace_filepath string
envoy.config.core.v3.SocketAddress.Protocol enum
  TCP UDP
envoy.config.core.v3.SubstitutionFormatString
  text_format string /format!
  json_format struct required /format!
  omit_empty_values bool
  content_type string header-value
  text_format_source envoy.config.core.v3.DataSource /format!
  formatters []message
  json_format_options envoy.config.core.v3.JsonFormatOptions
envoy.config.core.v3.TcpKeepalive
  keepalive_probes uint32?
  keepalive_time uint32?
  keepalive_interval uint32?
envoy.config.core.v3.TrafficDirection enum
  UNSPECIFIED INBOUND OUTBOUND
envoy.config.core.v3.TransportSocket
  name string length>=1
  typed_config any
envoy.config.core.v3.TypedExtensionConfig
  name string length>=1
  typed_config any required
envoy.config.core.v3.UpstreamHttpProtocolOptions
  auto_sni bool
  auto_san_validation bool
  override_auto_sni_header string header-name-strict may-be-empty
envoy.config.core.v3.WatchedDirectory
  path string length>=1
  watch_modify bool
envoy.type.matcher.v3.DoubleMatcher
  range envoy.type.v3.DoubleRange /match_pattern!
  exact double /match_pattern!
envoy.type.matcher.v3.FilterStateMatcher
  key string length>=1
  string_match envoy.type.matcher.v3.StringMatcher /matcher!
  address_match message /matcher!
envoy.type.matcher.v3.ListMatcher
  one_of envoy.type.matcher.v3.ValueMatcher /match_pattern!
envoy.type.matcher.v3.ListStringMatcher
  patterns []envoy.type.matcher.v3.StringMatcher items>=1
envoy.type.matcher.v3.MetadataMatcher
  filter string length>=1
  path []envoy.type.matcher.v3.MetadataMatcher.PathSegment items>=1
  value envoy.type.matcher.v3.ValueMatcher required
  invert bool
envoy.type.matcher.v3.MetadataMatcher.PathSegment
  key string length>=1 /segment!
envoy.type.matcher.v3.OrMatcher
  value_matchers []envoy.type.matcher.v3.ValueMatcher items>=2
envoy.type.matcher.v3.PathMatcher
  path envoy.type.matcher.v3.StringMatcher required /rule!
envoy.type.matcher.v3.RegexMatchAndSubstitute
  pattern envoy.type.matcher.v3.RegexMatcher required
  substitution string header-value
envoy.type.matcher.v3.RegexMatcher
  google_re2 envoy.type.matcher.v3.RegexMatcher.GoogleRE2?
  regex string length>=1
envoy.type.matcher.v3.RegexMatcher.GoogleRE2
  max_program_size uint32?
envoy.type.matcher.v3.StringMatcher
  exact string /match_pattern!
  prefix string length>=1 /match_pattern!
  suffix string length>=1 /match_pattern!
  safe_regex envoy.type.matcher.v3.RegexMatcher required /match_pattern!
  ignore_case bool
  contains string length>=1 /match_pattern!
  custom message /match_pattern!
envoy.type.matcher.v3.ValueMatcher
  null_match envoy.type.matcher.v3.ValueMatcher.NullMatch /match_pattern!
  double_match envoy.type.matcher.v3.DoubleMatcher /match_pattern!
  string_match envoy.type.matcher.v3.StringMatcher /match_pattern!
  bool_match bool /match_pattern!
  present_match bool /match_pattern!
  list_match envoy.type.matcher.v3.ListMatcher /match_pattern!
  or_match envoy.type.matcher.v3.OrMatcher /match_pattern!
envoy.type.matcher.v3.ValueMatcher.NullMatch
envoy.type.metadata.v3.MetadataKey
  key string length>=1
  path []envoy.type.metadata.v3.MetadataKey.PathSegment items>=1
envoy.type.metadata.v3.MetadataKey.PathSegment
  key string length>=1 /segment!
  index uint32 /segment!
envoy.type.metadata.v3.MetadataKind
  request envoy.type.metadata.v3.MetadataKind.Request /kind!
  route envoy.type.metadata.v3.MetadataKind.Route /kind!
  cluster envoy.type.metadata.v3.MetadataKind.Cluster /kind!
  host envoy.type.metadata.v3.MetadataKind.Host /kind!
envoy.type.metadata.v3.MetadataKind.Cluster
envoy.type.metadata.v3.MetadataKind.Host
envoy.type.metadata.v3.MetadataKind.Request
envoy.type.metadata.v3.MetadataKind.Route
envoy.type.tracing.v3.CustomTag
  tag string length>=1
  literal envoy.type.tracing.v3.CustomTag.Literal /type!
  environment envoy.type.tracing.v3.CustomTag.Environment /type!
  request_header envoy.type.tracing.v3.CustomTag.Header /type!
  metadata envoy.type.tracing.v3.CustomTag.Metadata /type!
  value string /type!
  value_type envoy.type.tracing.v3.CustomTag.ValueType defined
envoy.type.tracing.v3.CustomTag.Environment
  name string length>=1
  default_value string
envoy.type.tracing.v3.CustomTag.Header
  name string length>=1 header-name
  default_value string
envoy.type.tracing.v3.CustomTag.Literal
  value string length>=1
envoy.type.tracing.v3.CustomTag.Metadata
  kind envoy.type.metadata.v3.MetadataKind
  metadata_key envoy.type.metadata.v3.MetadataKey
  default_value string
envoy.type.tracing.v3.CustomTag.ValueType enum
  UNSPECIFIED STRING INT DOUBLE BOOL
envoy.type.v3.DoubleRange
  start double
  end double
envoy.type.v3.FractionalPercent
  numerator uint32
  denominator envoy.type.v3.FractionalPercent.DenominatorType defined
envoy.type.v3.FractionalPercent.DenominatorType enum
  HUNDRED TEN_THOUSAND MILLION
envoy.type.v3.HashPolicy
  source_ip envoy.type.v3.HashPolicy.SourceIp /policy_specifier!
  filter_state envoy.type.v3.HashPolicy.FilterState /policy_specifier!
envoy.type.v3.HashPolicy.FilterState
  key string length>=1
envoy.type.v3.HashPolicy.SourceIp
envoy.type.v3.HttpStatus
  code envoy.type.v3.StatusCode defined not=0
envoy.type.v3.Int32Range
  start int32
  end int32
envoy.type.v3.Int64Range
  start int64
  end int64
envoy.type.v3.Percent
  value double >=0 <=100
envoy.type.v3.SemanticVersion
  major_number uint32
  minor_number uint32
  patch uint32
envoy.type.v3.StatusCode enum
  Empty Continue=100 OK=200 Created Accepted NonAuthoritativeInformation NoContent ResetContent
  PartialContent MultiStatus AlreadyReported IMUsed=226 MultipleChoices=300 MovedPermanently Found SeeOther
  NotModified UseProxy TemporaryRedirect=307 PermanentRedirect BadRequest=400 Unauthorized PaymentRequired
  Forbidden NotFound MethodNotAllowed NotAcceptable ProxyAuthenticationRequired RequestTimeout Conflict Gone
  LengthRequired PreconditionFailed PayloadTooLarge URITooLong UnsupportedMediaType RangeNotSatisfiable
  ExpectationFailed MisdirectedRequest=421 UnprocessableEntity Locked FailedDependency UpgradeRequired=426
  PreconditionRequired=428 TooManyRequests RequestHeaderFieldsTooLarge=431 InternalServerError=500
  NotImplemented BadGateway ServiceUnavailable GatewayTimeout HTTPVersionNotSupported VariantAlsoNegotiates
  InsufficientStorage LoopDetected NotExtended=510 NetworkAuthenticationRequired
envoy.type.v3.TokenBucket
  max_tokens uint32 >=0
  tokens_per_fill uint32? >0
  fill_interval duration required >0s
google.protobuf.Duration
  seconds int64 >=-9223372035 <=9223372035
  nanos int32 >=0 <=999999999
xds.core.v3.ContextParams
  params {}string
)api";

} // namespace sallyport::dataplane
