// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"
#include "core/dataplane/path_template_syntax.h"
#include "core/result/ascii_case.h"

#include <QFileInfo>

namespace sallyport::dataplane {

namespace {

Checked checkTemplate(const std::string &pattern, const std::string &path)
{
    const Result<void> good = checkPathTemplate(pattern);
    return good ? Checked() : failAt(path, good.error().what);
}

Checked checkTemplateRewrite(const std::string &rewrite, const RouteMatch &match, const std::string &path)
{
    if (match.pathKind != RouteMatch::PathKind::Template)
        return failAt(path, "a template can be written only where a template matches");
    const Result<void> good = checkPathTemplateRewrite(rewrite, match.path);
    return good ? Checked() : failAt(path, good.error().what);
}

Checked checkMirrors(const std::vector<MirrorPolicy> &mirrors, const std::string &path,
                     const DeclaredNames &clusters)
{
    Chain chain;
    for (const MirrorPolicy &mirror : mirrors) {
        if (!mirror.cluster.empty() && !clusters.has(mirror.cluster))
            chain(failAt(path, "route: unknown shadow cluster '" + mirror.cluster + '\''));
    }
    return chain.take();
}

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
    }
    if (action.retryPolicy)
        chain(checkHeaders(action.retryPolicy->retriableHeaders, path + ".retry_policy"));
    return chain.take();
}

/// `most` bytes; 0: as many as there are.
Checked checkBody(const DataSource &body, const std::string &path, std::uint32_t most)
{
    if (const Checked file = checkFile(body.filename, path); !file)
        return file;
    const char *variable = body.environmentVariable.c_str();
    if (!body.environmentVariable.empty() && !qEnvironmentVariableIsSet(variable))
        return failAt(path, "Environment variable doesn't exist: " + body.environmentVariable);
    const std::size_t size =
        body.inlineString                   ? body.inlineString->size()
        : body.inlineBytes                  ? body.inlineBytes->size()
        : !body.environmentVariable.empty() ? static_cast<std::size_t>(qgetenv(variable).size())
        : !body.filename.empty()
            ? static_cast<std::size_t>(QFileInfo(QString::fromStdString(body.filename)).size())
            : 0;
    if (most == 0 || size <= most)
        return {};
    return failAt(path, "response body size is " + std::to_string(size) + " bytes; maximum is " +
                            std::to_string(most));
}

Checked checkRoute(const Route &route, const std::string &path, const DeclaredNames &clusters,
                   const VirtualHost &host, const RouteConfiguration &config)
{
    const bool validateClusters = config.validateClusters.value_or(true);
    Chain chain;
    if (route.match.pathKind == RouteMatch::PathKind::Regex)
        chain(checkRegex(route.match.path, path + ".match.safe_regex"));
    if (route.match.pathKind == RouteMatch::PathKind::Template) {
        chain(checkTemplate(route.match.path, path + ".match.path_match_policy"));
        const auto *action = std::get_if<RouteAction>(&route.action);
        const auto *redirect = std::get_if<RedirectAction>(&route.action);
        if ((action && !action->prefixRewrite.empty()) || (redirect && !redirect->prefixRewrite.empty()))
            chain(failAt(path, "Cannot use prefix_rewrite with matcher extension"));
    }
    chain(checkHeaders(route.match.headers, path + ".match"));
    for (const QueryParameterMatcher &parameter : route.match.queryParameters) {
        if (parameter.string)
            chain(checkString(*parameter.string, path + ".match.query_parameters"));
    }
    if (const auto *action = std::get_if<RouteAction>(&route.action); action && action->pathTemplateRewrite)
        chain(checkTemplateRewrite(*action->pathTemplateRewrite, route.match,
                                   path + ".route.path_rewrite_policy"));
    if (const auto *action = std::get_if<RouteAction>(&route.action))
        chain(checkRouteAction(*action, path + ".route", clusters, validateClusters));
    if (const auto *action = std::get_if<RouteAction>(&route.action))
        chain(checkRateLimits(action->rateLimits, path + ".route"));
    if (validateClusters) {
        // Routes that answer by themselves are asked, too.
        static const RouteAction none;
        const auto *action = std::get_if<RouteAction>(&route.action);
        chain(checkMirrors(mirrorsOf(action ? *action : none, host, config), action ? path + ".route" : path,
                           clusters));
    }
    if (const auto *redirect = std::get_if<RedirectAction>(&route.action))
        chain(checkRewrite(redirect->regexRewrite, path + ".redirect.regex_rewrite"));
    if (const auto *direct = std::get_if<DirectResponseAction>(&route.action))
        chain(checkBody(direct->body, path + ".direct_response.body", config.maxDirectResponseBodyBytes));
    return chain.take();
}

} // namespace

Checked checkRoutes(const RouteConfiguration &config, const std::string &path, const DeclaredNames &clusters)
{
    std::set<std::string> domains;
    Chain chain;
    std::size_t index = 0;
    for (const VirtualHost &host : config.virtualHosts) {
        const std::string at = path + ".virtual_hosts[" + std::to_string(index++) + ']';
        chain(checkRateLimits(host.rateLimits, at));
        for (const std::string &domain : host.domains) {
            const std::string lower = asciiLowered(domain);
            if (!domains.insert(lower).second)
                chain(failAt(at + ".domains",
                             "Only unique values for domains are permitted. Duplicate entry of domain " +
                                 lower + " in route " + config.name));
        }
        for (std::size_t i = 0; i < host.routes.size() && chain.good(); ++i)
            chain(checkRoute(host.routes[i], at + ".routes[" + std::to_string(i) + ']', clusters, host,
                             config));
        if (!chain.good())
            break;
    }
    return chain.take();
}

} // namespace sallyport::dataplane
