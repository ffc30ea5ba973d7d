// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/jwt_provider.h"

#include <QtTest>

using namespace sallyport::filters;

namespace {

std::string encoded(const char *json)
{
    return QByteArray(json)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

std::string token(const char *header, const char *payload)
{
    return encoded(header) + '.' + encoded(payload) + ".c2ln";
}

} // namespace

class TestJwt : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// RFC 7515 A.1: HS256 over the text of the RFC.
    void rfc7515Example()
    {
        const std::string signedText =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA"
            "6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        const auto keys = Jwks::parse(
            R"({"keys": [{"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}]})");
        QVERIFY(keys);
        Jwt jwt;
        QCOMPARE(jwt.parse(signedText), JwtStatus::Ok);
        QCOMPARE(jwt.issuer, std::string("joe"));
        QCOMPARE((*keys)->verify(jwt), JwtStatus::Ok);
        Jwt other;
        QCOMPARE(other.parse(signedText.substr(0, signedText.size() - 4) + "AAAA"), JwtStatus::Ok);
        QCOMPARE((*keys)->verify(other), JwtStatus::VerificationFail);
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const std::string &text, JwtStatus status) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << static_cast<int>(status);
        };
        row("no dots", "abc", JwtStatus::BadFormat);
        row("three dots", "a.b.c.d", JwtStatus::BadFormat);
        row("header is no JSON", encoded("x") + ".e30.c2ln", JwtStatus::HeaderBadJson);
        row("no algorithm", token("{}", "{}"), JwtStatus::HeaderBadAlg);
        row("none", token(R"({"alg": "none"})", "{}"), JwtStatus::HeaderNotImplementedAlg);
        row("kid", token(R"({"alg": "RS256", "kid": 1})", "{}"), JwtStatus::HeaderBadKid);
        row("payload", token(R"({"alg": "RS256"})", "[]"), JwtStatus::PayloadBadJson);
        row("no payload", token(R"({"alg": "RS256"})", "null"), JwtStatus::Ok);
        row("issuer", token(R"({"alg": "RS256"})", R"({"iss": 1})"), JwtStatus::PayloadIssNotString);
        row("expiry", token(R"({"alg": "RS256"})", R"({"exp": "soon"})"), JwtStatus::PayloadExpNotInteger);
        row("audience", token(R"({"alg": "RS256"})", R"({"aud": [1]})"), JwtStatus::PayloadAudInvalid);
    }
    void refusesWhatIsNone()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, status);
        Jwt jwt;
        QCOMPARE(static_cast<int>(jwt.parse(text.toStdString())), status);
    }

    void timesWithSkew()
    {
        Jwt jwt;
        QCOMPARE(jwt.parse(token(R"({"alg": "RS256"})", R"({"nbf": 1000, "exp": 2000})")), JwtStatus::Ok);
        QCOMPARE(jwt.checkTime(939, 60), JwtStatus::NotYetValid);
        QCOMPARE(jwt.checkTime(940, 60), JwtStatus::Ok);
        QCOMPARE(jwt.checkTime(2060, 60), JwtStatus::Ok);
        QCOMPARE(jwt.checkTime(2061, 60), JwtStatus::Expired);
    }

    /// A claim becomes a header; one that would begin another header becomes none.
    void claimsBecomeHeaders()
    {
        sallyport::dataplane::JwtProvider configured;
        configured.localJwks.inlineString = R"({"keys": [{"kty": "oct", "k": "c2VjcmV0"}]})";
        configured.claimToHeaders = {{"x-good", "good"}, {"x-bad", "bad"}};
        const auto provider = VerifiedProvider::create(configured);
        QVERIFY(provider);
        Jwt jwt;
        QCOMPARE(jwt.parse(token(R"({"alg": "HS256"})", R"({"good": "a b", "bad": "a\r\nx-admin: 1"})")),
                 JwtStatus::Ok);
        const auto request = sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Request);
        QJsonObject metadata;
        (*provider)->accept(jwt, {}, *request, metadata);
        QCOMPARE(std::string(request->get("x-good")), std::string("a b"));
        QVERIFY(request->find("x-bad") == nullptr);
    }
};

QTEST_GUILESS_MAIN(TestJwt)
#include "test_jwt.moc"
