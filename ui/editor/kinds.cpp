// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/kinds.h"

namespace sallyport::editor {

const std::vector<Kind> &kinds()
{
    const QString networking = QStringLiteral("networking.istio.io/v1");
    const QString security = QStringLiteral("security.istio.io/v1");
    const QString core = QStringLiteral("v1");
    static const std::vector<Kind> list{
        {QStringLiteral("ServiceEntry"), networking, QStringLiteral(R"(spec:
  hosts:
  - example.com
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - number: 443
    name: https
    protocol: HTTPS
)")},
        {QStringLiteral("Gateway"), networking, QStringLiteral(R"(spec:
  selector:
    istio: egressgateway
  servers:
  - port:
      number: 80
      name: http
      protocol: HTTP
    hosts:
    - example.com
)")},
        {QStringLiteral("VirtualService"), networking, QStringLiteral(R"(spec:
  hosts:
  - example.com
  http:
  - route:
    - destination:
        host: example.com
        port:
          number: 80
)")},
        {QStringLiteral("DestinationRule"), networking, QStringLiteral(R"(spec:
  host: example.com
  trafficPolicy:
    tls:
      mode: SIMPLE
      sni: example.com
)")},
        {QStringLiteral("AuthorizationPolicy"), security, QStringLiteral(R"(spec:
  action: DENY
  rules:
  - to:
    - operation:
        paths:
        - /admin
)")},
        {QStringLiteral("PeerAuthentication"), security, QStringLiteral(R"(spec:
  mtls:
    mode: STRICT
)")},
        {QStringLiteral("RequestAuthentication"), security, QStringLiteral(R"(spec:
  jwtRules:
  - issuer: https://issuer.example.com
    jwksUri: https://issuer.example.com/jwks.json
)")},
        {QStringLiteral("Sidecar"), networking, QStringLiteral(R"(spec:
  egress:
  - hosts:
    - ./*
    - istio-system/*
)")},
        {QStringLiteral("Telemetry"), QStringLiteral("telemetry.istio.io/v1"), QStringLiteral(R"(spec:
  accessLogging:
  - providers:
    - name: envoy
)")},
        {QStringLiteral("Service"), core, QStringLiteral(R"(spec:
  selector:
    app: example
  ports:
  - name: http
    port: 80
    targetPort: 8080
)")},
        {QStringLiteral("WorkloadEntry"), networking, {}},
        {QStringLiteral("Deployment"), QStringLiteral("apps/v1"), {}},
        {QStringLiteral("Pod"), core, {}},
        {QStringLiteral("ServiceAccount"), core, {}},
        {QStringLiteral("Namespace"), core, {}},
        {QStringLiteral("ConfigMap"), core, {}},
        {QStringLiteral("Secret"), core, {}},
    };
    return list;
}

QString manifestOf(const Kind &kind, const QString &name, const QString &nameSpace)
{
    return QStringLiteral("apiVersion: %1\nkind: %2\nmetadata:\n  name: %3\n  namespace: %4\n")
               .arg(kind.apiVersion, kind.name, name, nameSpace) +
           kind.skeleton;
}

} // namespace sallyport::editor
