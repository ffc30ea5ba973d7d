// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_texts.h"

namespace sallyport::dataplane {

// Transport sockets of TLS.
const std::string_view tlsApi = R"api(
envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext
  trusted_ca envoy.config.core.v3.DataSource
  verify_certificate_hash []string length>=64 bytes<=95
  verify_certificate_spki []string length>=44 bytes<=44
  require_signed_certificate_timestamp bool?
  crl envoy.config.core.v3.DataSource
  allow_expired_certificate bool
  match_subject_alt_names []envoy.type.matcher.v3.StringMatcher
  trust_chain_verification envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification defined
  watched_directory envoy.config.core.v3.WatchedDirectory
  custom_validator_config message
  ca_certificate_provider_instance message
  only_verify_leaf_cert_crl bool
  match_typed_subject_alt_names []envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher
  max_verify_depth uint32? <=100
  system_root_certs envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts
  suppress_client_ca_list bool
envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.SystemRootCerts
envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext.TrustChainVerification enum
  VERIFY_TRUST_CHAIN ACCEPT_UNTRUSTED
envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
  tls_params envoy.extensions.transport_sockets.tls.v3.TlsParameters
  tls_certificates []envoy.extensions.transport_sockets.tls.v3.TlsCertificate
  validation_context envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext /validation_context_type
  alpn_protocols []string
  tls_certificate_sds_secret_configs []envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig
  validation_context_sds_secret_config envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig /validation_context_type
  combined_validation_context envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext /validation_context_type
  tls_certificate_certificate_provider message
  validation_context_certificate_provider message /validation_context_type
  tls_certificate_certificate_provider_instance message
  validation_context_certificate_provider_instance message /validation_context_type
  custom_handshaker message
  tls_certificate_provider_instance message
  key_log envoy.extensions.transport_sockets.tls.v3.TlsKeyLog
  custom_tls_certificate_selector message
envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext
  default_validation_context envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext required
  validation_context_sds_secret_config envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig required
  validation_context_certificate_provider message
  validation_context_certificate_provider_instance message
envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
  common_tls_context envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
  require_client_certificate bool?
  require_sni bool?
  session_ticket_keys envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys /session_ticket_keys_type
  session_ticket_keys_sds_secret_config envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig /session_ticket_keys_type
  session_timeout duration >=0s <4294967296s
  disable_stateless_session_resumption bool /session_ticket_keys_type
  ocsp_staple_policy envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy defined
  full_scan_certs_on_sni_mismatch bool?
  disable_stateful_session_resumption bool
  prefer_client_ciphers bool
envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext.OcspStaplePolicy enum
  LENIENT_STAPLING STRICT_STAPLING MUST_STAPLE
envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig
  name string length>=1
  sds_config envoy.config.core.v3.ConfigSource
envoy.extensions.transport_sockets.tls.v3.Secret
  name string
  tls_certificate envoy.extensions.transport_sockets.tls.v3.TlsCertificate /type
  session_ticket_keys envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys /type
  validation_context envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext /type
  generic_secret message /type
envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher
  san_type envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType defined not=0
  matcher envoy.type.matcher.v3.StringMatcher required
  oid string
envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType enum
  SAN_TYPE_UNSPECIFIED EMAIL DNS URI IP_ADDRESS OTHER_NAME
envoy.extensions.transport_sockets.tls.v3.TlsCertificate
  certificate_chain envoy.config.core.v3.DataSource
  private_key envoy.config.core.v3.DataSource
  password envoy.config.core.v3.DataSource
  ocsp_staple envoy.config.core.v3.DataSource
  signed_certificate_timestamp []envoy.config.core.v3.DataSource
  private_key_provider message
  watched_directory envoy.config.core.v3.WatchedDirectory
  pkcs12 envoy.config.core.v3.DataSource
  tls_params message
envoy.extensions.transport_sockets.tls.v3.TlsKeyLog
  path string length>=1
  local_address_range []envoy.config.core.v3.CidrRange
  remote_address_range []envoy.config.core.v3.CidrRange
envoy.extensions.transport_sockets.tls.v3.TlsParameters
  tls_minimum_protocol_version envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol defined
  tls_maximum_protocol_version envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol defined
  cipher_suites []string
  ecdh_curves []string
  signature_algorithms []string
  compliance_policies []envoy.extensions.transport_sockets.tls.v3.TlsParameters.CompliancePolicy items<=1
envoy.extensions.transport_sockets.tls.v3.TlsParameters.CompliancePolicy enum
  FIPS_202205 CNSA2_202603 CNSA1_202603
envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol enum
  TLS_AUTO TLSv1_0 TLSv1_1 TLSv1_2 TLSv1_3
envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys
  keys []envoy.config.core.v3.DataSource items>=1
envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
  common_tls_context envoy.extensions.transport_sockets.tls.v3.CommonTlsContext
  sni string bytes<=255
  allow_renegotiation bool
  max_session_keys uint32?
  enforce_rsa_key_usage bool?
  auto_host_sni bool
  auto_sni_san_validation bool
)api";

} // namespace sallyport::dataplane
