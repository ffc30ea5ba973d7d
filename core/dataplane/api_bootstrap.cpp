// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// A process: its bootstrap, statistics and access logs.
const std::string_view bootstrapApi = R"api(
envoy.config.accesslog.v3.AccessLog
  name string
  filter envoy.config.accesslog.v3.AccessLogFilter
  typed_config any
envoy.config.accesslog.v3.AccessLogFilter
  status_code_filter envoy.config.accesslog.v3.StatusCodeFilter /filter_specifier!
  duration_filter envoy.config.accesslog.v3.DurationFilter /filter_specifier!
  not_health_check_filter envoy.config.accesslog.v3.NotHealthCheckFilter /filter_specifier!
  traceable_filter envoy.config.accesslog.v3.TraceableFilter /filter_specifier!
  runtime_filter envoy.config.accesslog.v3.RuntimeFilter /filter_specifier!
  and_filter envoy.config.accesslog.v3.AndFilter /filter_specifier!
  or_filter envoy.config.accesslog.v3.OrFilter /filter_specifier!
  header_filter envoy.config.accesslog.v3.HeaderFilter /filter_specifier!
  response_flag_filter envoy.config.accesslog.v3.ResponseFlagFilter /filter_specifier!
  grpc_status_filter envoy.config.accesslog.v3.GrpcStatusFilter /filter_specifier!
  extension_filter envoy.config.accesslog.v3.ExtensionFilter /filter_specifier!
  metadata_filter envoy.config.accesslog.v3.MetadataFilter /filter_specifier!
  log_type_filter envoy.config.accesslog.v3.LogTypeFilter /filter_specifier!
envoy.config.accesslog.v3.AndFilter
  filters []envoy.config.accesslog.v3.AccessLogFilter items>=2
envoy.config.accesslog.v3.ComparisonFilter
  op envoy.config.accesslog.v3.ComparisonFilter.Op defined
  value envoy.config.core.v3.RuntimeUInt32 required
envoy.config.accesslog.v3.ComparisonFilter.Op enum
  EQ GE LE NE
envoy.config.accesslog.v3.DurationFilter
  comparison envoy.config.accesslog.v3.ComparisonFilter required
envoy.config.accesslog.v3.ExtensionFilter
  name string
  typed_config any
envoy.config.accesslog.v3.GrpcStatusFilter
  statuses []envoy.config.accesslog.v3.GrpcStatusFilter.Status defined
  exclude bool
envoy.config.accesslog.v3.GrpcStatusFilter.Status enum
  OK CANCELED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED
  RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS
  UNAUTHENTICATED
envoy.config.accesslog.v3.HeaderFilter
  header envoy.config.route.v3.HeaderMatcher required
envoy.config.accesslog.v3.LogTypeFilter
  types []envoy.data.accesslog.v3.AccessLogType defined
  exclude bool
envoy.config.accesslog.v3.MetadataFilter
  matcher envoy.type.matcher.v3.MetadataMatcher
  match_if_key_not_found bool?
envoy.config.accesslog.v3.NotHealthCheckFilter
envoy.config.accesslog.v3.OrFilter
  filters []envoy.config.accesslog.v3.AccessLogFilter items>=2
envoy.config.accesslog.v3.ResponseFlagFilter
  flags []string one-of=LH,UH,UT,LR,UR,UF,UC,UO,NR,DI,FI,RL,UAEX,RLSE,DC,URX,SI,IH,DPE,UMSDR,RFCF,NFCF,DT
    one-of=UPE,NC,OM,DF,DO,DR,UDO
envoy.config.accesslog.v3.RuntimeFilter
  runtime_key string length>=1
  percent_sampled envoy.type.v3.FractionalPercent
  use_independent_randomness bool
envoy.config.accesslog.v3.StatusCodeFilter
  comparison envoy.config.accesslog.v3.ComparisonFilter required
envoy.config.accesslog.v3.TraceableFilter
envoy.config.bootstrap.v3.Admin
  access_log_path string
  profile_path string
  address envoy.config.core.v3.Address
  socket_options []message
  access_log []envoy.config.accesslog.v3.AccessLog
  ignore_global_conn_limit bool
  allow_paths []message
envoy.config.bootstrap.v3.Bootstrap
  node envoy.config.core.v3.Node
  static_resources envoy.config.bootstrap.v3.Bootstrap.StaticResources
  dynamic_resources message
  cluster_manager envoy.config.bootstrap.v3.ClusterManager
  flags_path string
  stats_sinks []message
  stats_flush_interval duration >=0.001s <300s
  watchdog message
  tracing message
  admin envoy.config.bootstrap.v3.Admin
  stats_config envoy.config.metrics.v3.StatsConfig
  hds_config message
  overload_manager envoy.config.overload.v3.OverloadManager
  enable_dispatcher_stats bool
  layered_runtime envoy.config.bootstrap.v3.LayeredRuntime
  header_prefix string
  stats_server_version_override uint64?
  use_tcp_for_dns_lookups bool
  bootstrap_extensions []envoy.config.core.v3.TypedExtensionConfig
  config_sources []message
  default_config_source message
  default_socket_interface string
  certificate_provider_instances {}message
  node_context_params []string
  watchdogs envoy.config.bootstrap.v3.Watchdogs
  fatal_actions []envoy.config.bootstrap.v3.FatalAction
  stats_flush_on_admin bool? =true
  dns_resolution_config envoy.config.core.v3.DnsResolutionConfig
  typed_dns_resolver_config envoy.config.core.v3.TypedExtensionConfig
  inline_headers []message
  perf_tracing_file_path string
  default_regex_engine envoy.config.core.v3.TypedExtensionConfig
  xds_delegate_extension envoy.config.core.v3.TypedExtensionConfig
  xds_config_tracker_extension envoy.config.core.v3.TypedExtensionConfig
  listener_manager envoy.config.core.v3.TypedExtensionConfig
  application_log_config envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig
  deferred_stat_options message
  grpc_async_client_manager_config envoy.config.bootstrap.v3.Bootstrap.GrpcAsyncClientManagerConfig
  memory_allocator_manager envoy.config.bootstrap.v3.MemoryAllocatorManager
  stats_eviction_interval duration? >=0.001s
  enable_worker_cpu_affinity bool
envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig
  log_format envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat
envoy.config.bootstrap.v3.Bootstrap.ApplicationLogConfig.LogFormat
  json_format struct /log_format!
  text_format string /log_format!
envoy.config.bootstrap.v3.Bootstrap.GrpcAsyncClientManagerConfig
  max_cached_entry_idle_duration duration >=5s
envoy.config.bootstrap.v3.Bootstrap.StaticResources
  listeners []envoy.config.listener.v3.Listener
  clusters []envoy.config.cluster.v3.Cluster
  secrets []envoy.extensions.transport_sockets.tls.v3.Secret
envoy.config.bootstrap.v3.ClusterManager
  local_cluster_name string
  outlier_detection message
  upstream_bind_config message
  load_stats_config message
  enable_deferred_cluster_creation bool
envoy.config.bootstrap.v3.FatalAction
  config envoy.config.core.v3.TypedExtensionConfig
envoy.config.bootstrap.v3.LayeredRuntime
  layers []envoy.config.bootstrap.v3.RuntimeLayer
envoy.config.bootstrap.v3.MemoryAllocatorManager
  bytes_to_release uint64
  memory_release_interval duration
  soft_memory_limit_bytes uint64?
  max_per_cpu_cache_size_bytes uint32?
  max_unfreed_memory_bytes uint64
envoy.config.bootstrap.v3.RuntimeLayer
  name string length>=1
  static_layer struct /layer_specifier!
  disk_layer message /layer_specifier!
  admin_layer envoy.config.bootstrap.v3.RuntimeLayer.AdminLayer /layer_specifier!
  rtds_layer message /layer_specifier!
envoy.config.bootstrap.v3.RuntimeLayer.AdminLayer
envoy.config.bootstrap.v3.Watchdogs
  main_thread_watchdog message
  worker_watchdog message
envoy.config.metrics.v3.HistogramBucketSettings
  match envoy.type.matcher.v3.StringMatcher required
  buckets []double unique >0
  bins uint32? >0 <=46082
envoy.config.metrics.v3.StatsConfig
  stats_tags []envoy.config.metrics.v3.TagSpecifier
  use_all_default_tags bool?
  stats_matcher envoy.config.metrics.v3.StatsMatcher
  histogram_bucket_settings []envoy.config.metrics.v3.HistogramBucketSettings
  allow_default_tag_overrides bool?
envoy.config.metrics.v3.StatsMatcher
  reject_all bool /stats_matcher!
  exclusion_list envoy.type.matcher.v3.ListStringMatcher /stats_matcher!
  inclusion_list envoy.type.matcher.v3.ListStringMatcher /stats_matcher!
envoy.config.metrics.v3.TagSpecifier
  tag_name string
  regex string bytes<=1024 /tag_value
  fixed_value string /tag_value
envoy.data.accesslog.v3.AccessLogType enum
  NotSet TcpUpstreamConnected TcpPeriodic TcpConnectionStart=14 TcpConnectionEnd=3 DownstreamStart
  DownstreamPeriodic DownstreamEnd UpstreamPoolReady UpstreamPeriodic UpstreamEnd
  DownstreamTunnelSuccessfullyEstablished UdpTunnelUpstreamConnected UdpPeriodic UdpSessionEnd
envoy.extensions.access_loggers.file.v3.FileAccessLog
  path string length>=1
  format string /access_log_format
  json_format struct /access_log_format
  typed_json_format struct /access_log_format
  log_format envoy.config.core.v3.SubstitutionFormatString required /access_log_format
envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter
  expression string
  cel_config message
envoy.extensions.access_loggers.stream.v3.StderrAccessLog
  log_format envoy.config.core.v3.SubstitutionFormatString?
envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
  log_format envoy.config.core.v3.SubstitutionFormatString?
envoy.extensions.bootstrap.internal_listener.v3.InternalListener
  buffer_size_kb uint32? >=1 <=8192
envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig
  resolvers []envoy.config.core.v3.Address
  dns_resolver_options envoy.config.core.v3.DnsResolverOptions
  use_resolvers_as_fallback bool
  filter_unroutable_families bool
  udp_max_queries uint32?
  query_timeout_seconds uint64? >=1
  query_tries uint32? >=1
  rotate_nameservers bool
  edns0_max_payload_size uint32? >=512 <=4096
  max_udp_channel_duration duration >=0s
  reinit_channel_on_timeout bool
  qcache_max_ttl uint32? >=0
envoy.extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig
  num_retries uint32?
  num_resolver_threads uint32?
envoy.extensions.network.socket_interface.v3.DefaultSocketInterface
  io_uring_options envoy.extensions.network.socket_interface.v3.IoUringOptions
envoy.extensions.network.socket_interface.v3.IoUringOptions
  io_uring_size uint32?
  enable_submission_queue_polling bool
  read_buffer_size uint32?
  write_timeout_ms uint32?
  write_high_watermark_bytes uint32? >=4096
  write_low_watermark_bytes uint32? >=1024
  enable_multishot_receive bool
envoy.extensions.regex_engines.v3.GoogleRE2
envoy.config.overload.v3.OverloadAction
  name string length>=1
  triggers []envoy.config.overload.v3.Trigger items>=1
  typed_config any
envoy.config.overload.v3.OverloadManager
  refresh_interval duration
  resource_monitors []envoy.config.overload.v3.ResourceMonitor items>=1
  actions []envoy.config.overload.v3.OverloadAction
  loadshed_points []message
  buffer_factory_config message
envoy.config.overload.v3.ResourceMonitor
  name string length>=1
  typed_config any /config_type
envoy.config.overload.v3.ScaledTrigger
  scaling_threshold double >=0 <=1
  saturation_threshold double >=0 <=1
envoy.config.overload.v3.ThresholdTrigger
  value double >=0 <=1
envoy.config.overload.v3.Trigger
  name string length>=1
  threshold envoy.config.overload.v3.ThresholdTrigger /trigger_oneof!
  scaled envoy.config.overload.v3.ScaledTrigger /trigger_oneof!
envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
  max_active_downstream_connections int64 >0
envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
  max_heap_size_bytes uint64 >0
envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig
  filename string length>=1
)api";

} // namespace sallyport::dataplane
