// SPDX-License-Identifier: GPL-3.0-or-later
// What Envoy refuses at load although every field is well formed.
#include "core/dataplane/bootstrap.h"
#include "core/dataplane/describe.h"
#include "core/dataplane/path_template_syntax.h"
#include "core/dataplane/request_view.h"

#include <QFile>
#include <QJsonDocument>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace sallyport::dataplane {

namespace {

using Checked = Result<void>;

Checked failAt(const std::string &path, std::string what)
{
    return fail(std::move(what), Place{path, 0, 0});
}

/// Runs checks in order until one fails.
class Chain
{
public:
    void operator()(Checked result)
    {
        if (m_result && !result)
            m_result = std::move(result);
    }
    bool good() const { return m_result.has_value(); }
    Checked take() { return std::move(m_result); }

private:
    Checked m_result;
};

Checked checkRegex(const std::string &pattern, const std::string &path)
{
    const re2::RE2 regex(pattern, re2::RE2::Quiet);
    return regex.ok() ? Checked() : failAt(path, regex.error());
}

Checked checkString(const StringMatcher &matcher, const std::string &path)
{
    return matcher.kind == StringMatchKind::Regex ? checkRegex(matcher.value, path) : Checked();
}

Checked checkHeaders(const std::vector<HeaderMatcher> &headers, const std::string &path)
{
    Chain chain;
    for (const HeaderMatcher &header : headers) {
        if (header.kind == HeaderMatchKind::String)
            chain(checkString(header.string, path + ".headers"));
    }
    return chain.take();
}

Checked checkRewrite(const std::optional<RegexRewrite> &rewrite, const std::string &path)
{
    if (!rewrite)
        return {};
    const re2::RE2 regex(rewrite->pattern, re2::RE2::Quiet);
    if (!regex.ok())
        return failAt(path, regex.error());
    std::string reason;
    return regex.CheckRewriteString(rewrite->substitution, &reason) ? Checked() : failAt(path, reason);
}

Checked checkTemplate(const std::string &pattern, const std::string &path)
{
    const Result<void> good = checkPathTemplate(pattern);
    return good ? Checked() : failAt(path, good.error().what);
}

/// What the bootstrap itself declares, for those who refer to it.
struct DeclaredNames
{
    std::set<std::string, std::less<>> names; ///< of clusters
    std::set<std::string, std::less<>> certificates;
    std::set<std::string, std::less<>> validations;
    bool has(const std::string &name) const { return names.find(name) != names.end(); }
};

Checked checkRouteAction(const RouteAction &action, const std::string &path, const DeclaredNames &clusters,
                         bool validateClusters)
{
    Chain chain;
    chain(checkRewrite(action.regexRewrite, path + ".regex_rewrite"));
    chain(checkRewrite(action.hostRewritePathRegex, path + ".host_rewrite_path_regex"));
    if (validateClusters) {
        if (!action.cluster.empty() && !clusters.has(action.cluster))
            chain(failAt(path, "route: unknown cluster '" + action.cluster + '\''));
        for (const WeightedCluster &weighted : action.weightedClusters) {
            if (!weighted.name.empty() && !clusters.has(weighted.name))
                chain(failAt(path, "route: unknown weighted cluster '" + weighted.name + '\''));
        }
        for (const MirrorPolicy &mirror : action.mirrors) {
            if (!mirror.cluster.empty() && !clusters.has(mirror.cluster))
                chain(failAt(path, "route: unknown shadow cluster '" + mirror.cluster + '\''));
        }
    }
    if (action.retryPolicy)
        chain(checkHeaders(action.retryPolicy->retriableHeaders, path + ".retry_policy"));
    return chain.take();
}

Checked checkRoute(const Route &route, const std::string &path, const DeclaredNames &clusters,
                   bool validateClusters, const RouteConfiguration &config)
{
    Chain chain;
    if (route.match.pathKind == RouteMatch::PathKind::Regex)
        chain(checkRegex(route.match.path, path + ".match.safe_regex"));
    if (route.match.pathKind == RouteMatch::PathKind::Template)
        chain(checkTemplate(route.match.path, path + ".match.path_match_policy"));
    chain(checkHeaders(route.match.headers, path + ".match"));
    for (const QueryParameterMatcher &parameter : route.match.queryParameters) {
        if (parameter.string)
            chain(checkString(*parameter.string, path + ".match.query_parameters"));
    }
    if (const auto *action = std::get_if<RouteAction>(&route.action))
        chain(checkRouteAction(*action, path + ".route", clusters, validateClusters));
    if (const auto *redirect = std::get_if<RedirectAction>(&route.action))
        chain(checkRewrite(redirect->regexRewrite, path + ".redirect.regex_rewrite"));
    if (const auto *direct = std::get_if<DirectResponseAction>(&route.action)) {
        const std::size_t size = direct->body.inlineString  ? direct->body.inlineString->size()
                                 : direct->body.inlineBytes ? direct->body.inlineBytes->size()
                                                            : 0;
        if (size > config.maxDirectResponseBodyBytes)
            chain(failAt(path + ".direct_response.body",
                         "response body size is " + std::to_string(size) + " bytes; maximum is " +
                             std::to_string(config.maxDirectResponseBodyBytes)));
    }
    return chain.take();
}

Checked checkRoutes(const RouteConfiguration &config, const std::string &path, const DeclaredNames &clusters)
{
    std::set<std::string> domains;
    std::set<std::string> names;
    Chain chain;
    std::size_t index = 0;
    for (const VirtualHost &host : config.virtualHosts) {
        const std::string at = path + ".virtual_hosts[" + std::to_string(index++) + ']';
        if (!names.insert(host.name).second)
            chain(
                failAt(at + ".name",
                       "Only unique names for virtual hosts are permitted. Duplicate entry of virtual host " +
                           host.name + " in route " + config.name));
        for (const std::string &domain : host.domains) {
            std::string lower = domain;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            if (!domains.insert(lower).second)
                chain(failAt(at + ".domains",
                             "Only unique values for domains are permitted. Duplicate entry of domain " +
                                 lower + " in route " + config.name));
        }
        for (std::size_t i = 0; i < host.routes.size() && chain.good(); ++i)
            chain(checkRoute(host.routes[i], at + ".routes[" + std::to_string(i) + ']', clusters,
                             config.validateClusters.value_or(true), config));
        if (!chain.good())
            break;
    }
    return chain.take();
}

Checked checkRbacRule(const RbacRule &rule, const std::string &path)
{
    Chain chain;
    for (const RbacRule &child : rule.children)
        chain(checkRbacRule(child, path));
    if (rule.kind == RbacRule::Kind::Header)
        chain(checkHeaders({rule.header}, path));
    chain(checkString(rule.string, path));
    return chain.take();
}

Checked checkRbac(const Rbac &rbac, const std::string &path)
{
    Chain chain;
    for (const std::optional<RbacRules> *rules : {&rbac.rules, &rbac.shadowRules}) {
        if (!*rules)
            continue;
        for (const auto &[id, policy] : (*rules)->policies) {
            for (const auto *list : {&policy.permissions, &policy.principals}) {
                for (const RbacRule &rule : *list)
                    chain(checkRbacRule(rule, path + ".rules.policies[" + id + ']'));
            }
        }
    }
    return chain.take();
}

Checked checkHttpFilters(const HttpConnectionManager &manager, const std::string &path,
                         const DeclaredNames &clusters)
{
    Chain chain;
    if (manager.filters.empty())
        return failAt(path + ".http_filters", "a http filter chain needs a terminal filter");
    for (std::size_t i = 0; i < manager.filters.size(); ++i) {
        const HttpFilter &filter = manager.filters[i];
        const std::string at = path + ".http_filters[" + std::to_string(i) + ']';
        const bool terminal = std::holds_alternative<Router>(filter.config);
        const bool last = i + 1 == manager.filters.size();
        if (terminal && !last)
            chain(failAt(at, "terminal filter named " + filter.name +
                                 " must be the last filter in a http filter chain."));
        if (!terminal && last)
            chain(failAt(at, "non-terminal filter named " + filter.name +
                                 " is the last filter in a http filter chain."));
        if (terminal && filter.disabled)
            chain(failAt(at + ".disabled", "Error: the last (terminal) filter (" + filter.name +
                                               ") in the chain cannot be disabled by default."));
        if (const auto *rbac = std::get_if<Rbac>(&filter.config))
            chain(checkRbac(*rbac, at));
        if (const auto *authz = std::get_if<ExtAuthz>(&filter.config); authz && !clusters.has(authz->cluster))
            chain(failAt(at, "ext_authz: unknown cluster '" + authz->cluster + '\''));
        if (const auto *fault = std::get_if<Fault>(&filter.config))
            chain(checkHeaders(fault->headers, at));
    }
    return chain.take();
}

// TLS

std::string readSource(const DataSource &source, bool &readable)
{
    readable = true;
    if (source.inlineString)
        return *source.inlineString;
    if (source.inlineBytes)
        return *source.inlineBytes;
    if (!source.environmentVariable.empty())
        return qgetenv(source.environmentVariable.c_str()).toStdString();
    QFile file(toQt(source.filename));
    readable = file.open(QIODevice::ReadOnly);
    return file.readAll().toStdString();
}

struct OpenSslFree
{
    void operator()(BIO *p) const { BIO_free(p); }
    void operator()(X509 *p) const { X509_free(p); }
    void operator()(EVP_PKEY *p) const { EVP_PKEY_free(p); }
    void operator()(SSL_CTX *p) const { SSL_CTX_free(p); }
};
template<typename T>
using Owned = std::unique_ptr<T, OpenSslFree>;

Owned<BIO> bioOf(const std::string &text)
{
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Checked checkCertificate(const TlsCertificate &certificate, const std::string &path)
{
    bool readable = false;
    const std::string chain = readSource(certificate.certificateChain, readable);
    if (certificate.certificateChain.isSet() && !readable)
        return failAt(path + ".certificate_chain", "the file " + certificate.certificateChain.filename +
                                                       " does not exist or cannot be read");
    const std::string key = readSource(certificate.privateKey, readable);
    if (certificate.privateKey.isSet() && !readable)
        return failAt(path + ".private_key",
                      "the file " + certificate.privateKey.filename + " does not exist or cannot be read");
    if (!certificate.certificateChain.isSet() || !certificate.privateKey.isSet())
        return failAt(path, "a certificate needs certificate_chain and private_key");
    const Owned<X509> x509(PEM_read_bio_X509_AUX(bioOf(chain).get(), nullptr, nullptr, nullptr));
    std::string password =
        certificate.password.isSet() ? readSource(certificate.password, readable) : std::string();
    const auto givePassword = [](char *buffer, int size, int, void *data) {
        const auto *text = static_cast<const std::string *>(data);
        const int length = std::min(size, static_cast<int>(text->size()));
        std::copy_n(text->data(), length, buffer);
        return length;
    };
    const Owned<EVP_PKEY> pkey(PEM_read_bio_PrivateKey(bioOf(key).get(), nullptr, givePassword, &password));
    ERR_clear_error();
    if (!x509)
        return failAt(path + ".certificate_chain",
                      "Failed to load certificate chain from " + certificate.certificateChain.filename);
    if (!pkey)
        return failAt(path + ".private_key",
                      "Failed to load private key from " + certificate.privateKey.filename);
    const bool match = X509_check_private_key(x509.get(), pkey.get()) == 1;
    ERR_clear_error();
    return match ? Checked()
                 : failAt(path + ".private_key", "Failed to load private key from " +
                                                     certificate.privateKey.filename +
                                                     ", Cause: KEY_VALUES_MISMATCH");
}

Checked checkValidation(const CertificateValidationContext &context, const std::string &path,
                        bool caFromSecret)
{
    bool readable = true;
    if (context.trustedCa.isSet()) {
        const std::string ca = readSource(context.trustedCa, readable);
        if (!readable)
            return failAt(path + ".trusted_ca",
                          "the file " + context.trustedCa.filename + " does not exist or cannot be read");
        const Owned<X509> x509(PEM_read_bio_X509_AUX(bioOf(ca).get(), nullptr, nullptr, nullptr));
        ERR_clear_error();
        if (!x509)
            return failAt(path + ".trusted_ca",
                          "Failed to load trusted CA certificates from " + context.trustedCa.filename);
    }
    const bool names = !context.subjectAltNames.empty() || !context.anySubjectAltNames.empty();
    if (names && !context.trustedCa.isSet() && !caFromSecret && !context.systemRoots)
        return failAt(
            path,
            "SAN-based verification of peer certificates without trusted CA is insecure and not allowed");
    Chain chain;
    for (const SubjectAltNameMatcher &matcher : context.subjectAltNames)
        chain(checkString(matcher.matcher, path + ".match_typed_subject_alt_names"));
    for (const std::string &hash : context.verifyCertificateHash) {
        std::string digits = hash;
        digits.erase(std::remove(digits.begin(), digits.end(), ':'), digits.end());
        const bool hexadecimal =
            digits.size() == 64 &&
            std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isxdigit(c); });
        if (!hexadecimal)
            chain(failAt(path + ".verify_certificate_hash", "Invalid hex-encoded SHA-256 " + hash));
    }
    for (const std::string &spki : context.verifyCertificateSpki) {
        if (QByteArray::fromBase64(QByteArray::fromStdString(spki)).size() != 32)
            chain(failAt(path + ".verify_certificate_spki", "Invalid base64-encoded SHA-256 " + spki));
    }
    return chain.take();
}

Checked checkCiphers(const std::vector<std::string> &suites, const std::string &path)
{
    if (suites.empty())
        return {};
    static const std::set<std::string, std::less<>> obsolete{
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256"};
    std::string rejected;
    const Owned<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    for (const std::string &entry : suites) {
        // `[A|B]` groups ciphers of equal preference.
        std::string list = entry;
        std::replace_if(
            list.begin(), list.end(), [](char c) { return c == '[' || c == ']' || c == '|'; }, ':');
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = std::min(list.find(':', at), list.size());
            const std::string name = list.substr(at, end - at);
            at = end + 1;
            if (name.empty() || !std::isalnum(static_cast<unsigned char>(name.front())))
                continue;
            if (obsolete.find(name) != obsolete.end() ||
                SSL_CTX_set_cipher_list(context.get(), name.c_str()) != 1)
                rejected += (rejected.empty() ? "" : ", ") + name;
        }
    }
    ERR_clear_error();
    return rejected.empty()
               ? Checked()
               : failAt(path + ".cipher_suites", "Failed to initialize cipher suites. The following ciphers "
                                                 "were rejected when tried individually: " +
                                                     rejected);
}

Checked checkCommonTls(const CommonTlsContext &common, const std::string &path, bool server,
                       const DeclaredNames &declared)
{
    Chain chain;
    // Without a source the secret is one of the bootstrap's own.
    for (const SdsSecretConfig &secret : common.certificateSecrets) {
        if (!secret.source && declared.certificates.find(secret.name) == declared.certificates.end())
            chain(failAt(path + ".tls_certificate_sds_secret_configs",
                         "Unknown static secret: " + secret.name));
    }
    if (const auto &secret = common.validationSecret;
        secret && !secret->source && declared.validations.find(secret->name) == declared.validations.end())
        chain(failAt(path + ".validation_context_sds_secret_config",
                     "Unknown static certificate validation context: " + secret->name));
    if (server && common.certificates.empty() && common.certificateSecrets.empty())
        chain(failAt(path, "No TLS certificates found for server context"));
    for (std::size_t i = 0; i < common.certificates.size(); ++i)
        chain(
            checkCertificate(common.certificates[i], path + ".tls_certificates[" + std::to_string(i) + ']'));
    if (common.validation)
        chain(checkValidation(*common.validation, path + ".validation_context",
                              common.validationSecret.has_value()));
    chain(checkCiphers(common.parameters.cipherSuites, path + ".tls_params"));
    return chain.take();
}

// Listeners

bool isTerminal(const NetworkFilter &filter)
{
    return std::holds_alternative<HttpConnectionManager>(filter.config) ||
           std::holds_alternative<TcpProxy>(filter.config) ||
           std::holds_alternative<NetworkDirectResponse>(filter.config);
}

Checked checkFilterChain(const FilterChain &filterChain, const std::string &path,
                         const DeclaredNames &clusters)
{
    Chain chain;
    for (std::size_t i = 0; i < filterChain.filters.size(); ++i) {
        const NetworkFilter &filter = filterChain.filters[i];
        const std::string at = path + ".filters[" + std::to_string(i) + ']';
        const bool last = i + 1 == filterChain.filters.size();
        if (isTerminal(filter) && !last)
            chain(failAt(at, "terminal filter named " + filter.name +
                                 " must be the last filter in a network filter chain."));
        if (!isTerminal(filter) && last)
            chain(failAt(at, "non-terminal filter named " + filter.name +
                                 " is the last filter in a network filter chain."));
        if (const auto *manager = std::get_if<HttpConnectionManager>(&filter.config)) {
            chain(checkHttpFilters(*manager, at, clusters));
            chain(checkRoutes(manager->routes, at + ".route_config", clusters));
        }
        if (const auto *rbac = std::get_if<Rbac>(&filter.config))
            chain(checkRbac(*rbac, at));
    }
    if (filterChain.tls)
        chain(checkCommonTls(filterChain.tls->common,
                             path + ".transport_socket.typed_config.common_tls_context", true, clusters));
    return chain.take();
}

/// A range is the same however the bits behind its prefix are written.
void clearHostBits(CidrRange &range)
{
    IpAddress address = IpAddress::parse(range.addressPrefix);
    if (!address.isValid())
        return;
    const std::size_t size = address.family == 4 ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t kept =
            std::min<std::size_t>(8, range.prefixLen - std::min<std::size_t>(range.prefixLen, i * 8));
        address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & (0xFFU << (8 - kept)));
    }
    range.addressPrefix = address.toString();
}

Checked checkListener(const Listener &listener, const std::string &path, const DeclaredNames &clusters)
{
    Chain chain;
    std::set<std::string> matches;
    for (std::size_t i = 0; i < listener.filterChains.size(); ++i) {
        const FilterChain &filterChain = listener.filterChains[i];
        const std::string at = path + ".filter_chains[" + std::to_string(i) + ']';
        // Lists are compared name by name: two chains that share one server name and are otherwise alike
        // collide.
        FilterChainMatch match = filterChain.match;
        // SNI has no case.
        std::set<std::string> names;
        for (const std::string &name : match.serverNames) {
            if (name == "*")
                chain(failAt(at + ".filter_chain_match.server_names",
                             "partial wildcards are not supported in \"server_names\""));
            if (!names.insert(QString::fromStdString(name).toLower().toStdString()).second)
                chain(failAt(at + ".filter_chain_match.server_names",
                             "multiple filter chains with overlapping matching rules are defined"));
        }
        for (auto *ranges : {&match.prefixRanges, &match.sourcePrefixRanges, &match.directSourcePrefixRanges})
            std::for_each(ranges->begin(), ranges->end(), clearHostBits);
        if (names.empty())
            names.insert(std::string());
        for (const std::string &name : names) {
            match.serverNames = {name};
            const QByteArray key =
                QJsonDocument(JsonWriter::write(match).toObject()).toJson(QJsonDocument::Compact);
            if (!matches.insert(key.toStdString()).second)
                chain(failAt(at + ".filter_chain_match",
                             "filter chain '" + filterChain.name +
                                 "' has the same matching rules as another one of listener '" +
                                 listener.name + '\''));
        }
        chain(checkFilterChain(filterChain, at, clusters));
    }
    if (listener.defaultFilterChain)
        chain(checkFilterChain(*listener.defaultFilterChain, path + ".default_filter_chain", clusters));
    return chain.take();
}

} // namespace

Result<void> validateBootstrap(const Bootstrap &bootstrap)
{
    Chain chain;
    DeclaredNames clusters;
    for (std::size_t i = 0; i < bootstrap.secrets.size(); ++i) {
        const Secret &secret = bootstrap.secrets[i];
        const auto declare = [&](std::set<std::string, std::less<>> &names, const char *kind) {
            if (!names.insert(secret.name).second)
                chain(failAt("static_resources.secrets[" + std::to_string(i) + "].name",
                             "Duplicate static " + std::string(kind) + " secret name " + secret.name));
        };
        if (secret.certificate)
            declare(clusters.certificates, "TlsCertificate");
        if (secret.validation)
            declare(clusters.validations, "CertificateValidationContext");
    }
    for (std::size_t i = 0; i < bootstrap.clusters.size(); ++i) {
        const Cluster &cluster = bootstrap.clusters[i];
        const std::string path = "static_resources.clusters[" + std::to_string(i) + ']';
        if (!clusters.names.insert(cluster.name).second)
            chain(failAt(path + ".name", "cluster manager: duplicate cluster '" + cluster.name + '\''));
        if (cluster.transport.tls)
            chain(checkCommonTls(cluster.transport.tls->common,
                                 path + ".transport_socket.typed_config.common_tls_context", false,
                                 clusters));
    }
    for (const StringMatcher &pattern : bootstrap.statsConfig.patterns)
        chain(checkString(pattern, "stats_config.stats_matcher"));
    for (const StatsConfig::HistogramBounds &setting : bootstrap.statsConfig.histogramBounds)
        chain(checkString(setting.match, "stats_config.histogram_bucket_settings"));
    std::set<std::string> listeners;
    for (std::size_t i = 0; i < bootstrap.listeners.size() && chain.good(); ++i) {
        const Listener &listener = bootstrap.listeners[i];
        const std::string path = "static_resources.listeners[" + std::to_string(i) + ']';
        if (!listener.name.empty() && !listeners.insert(listener.name).second)
            chain(failAt(path + ".name", "error adding listener: duplicate name '" + listener.name + '\''));
        chain(checkListener(listener, path, clusters));
    }
    return chain.take();
}

} // namespace sallyport::dataplane
