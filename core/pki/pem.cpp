// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/pem.h"

#include "core/pki/openssl_error.h"
#include "core/pki/pkcs12.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace sallyport::pki {

namespace {

constexpr std::size_t largestFile = 4U << 20U;
constexpr int passphraseAttempts = 3;

struct Block
{
    std::string_view label;
    std::string_view text; ///< with its BEGIN and END lines
    int line = 0;
};

/// The blocks of a PEM text (RFC 7468), each with the line on which it begins.
Result<std::vector<Block>> splitBlocks(std::string_view text, const std::string &file)
{
    static constexpr std::string_view begin = "-----BEGIN ";
    static constexpr std::string_view dashes = "-----";
    std::vector<Block> blocks;
    std::size_t at = 0;
    while ((at = text.find(begin, at)) != std::string_view::npos) {
        const int line =
            1 +
            static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        const std::size_t labelStart = at + begin.size();
        const std::size_t labelEnd = text.find(dashes, labelStart);
        if (labelEnd == std::string_view::npos ||
            text.substr(labelStart, labelEnd - labelStart).find('\n') != std::string_view::npos)
            return fail("a PEM block begins but its first line does not end with -----",
                        Place{file, line, 1});
        const std::string_view label = text.substr(labelStart, labelEnd - labelStart);
        const std::string endLine = "-----END " + std::string(label) + "-----";
        const std::size_t end = text.find(endLine, labelEnd);
        if (end == std::string_view::npos) {
            return fail("the PEM block \"" + std::string(label) + "\" has no end", Place{file, line, 1},
                        "the file may have been cut off: export it again");
        }
        blocks.push_back({label, text.substr(at, end + endLine.size() - at), line});
        at = end + endLine.size();
    }
    return blocks;
}

int givePassphrase(char *buffer, int size, int, void *data)
{
    const auto *passphrase = static_cast<const std::string *>(data);
    if (!passphrase)
        return -1;
    const int length = std::min(size, static_cast<int>(passphrase->size()));
    std::memcpy(buffer, passphrase->data(), static_cast<std::size_t>(length));
    return length;
}

EVP_PKEY *readKeyBlock(std::string_view text, const std::string *passphrase)
{
    const BioPtr bio = readBio(text);
    return PEM_read_bio_PrivateKey(bio.get(), nullptr, givePassphrase, const_cast<std::string *>(passphrase));
}

bool isEncrypted(const Block &block)
{
    return block.label == "ENCRYPTED PRIVATE KEY" ||
           block.text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos;
}

Result<PrivateKey> decodeKeyBlock(const Block &block, const std::string &file, const PassphrasePrompt &prompt)
{
    const Place place{file, block.line, 1};
    if (!isEncrypted(block)) {
        if (EVP_PKEY *key = readKeyBlock(block.text, nullptr))
            return PrivateKey(key);
        return fail(openSslError("the private key cannot be read", place));
    }
    if (!prompt)
        return fail("the private key is encrypted", place, "give its passphrase");
    for (int attempt = 1; attempt <= passphraseAttempts; ++attempt) {
        std::optional<std::string> passphrase = prompt(file, attempt);
        if (!passphrase)
            return fail("the private key is encrypted and no passphrase was given", place);
        EVP_PKEY *key = readKeyBlock(block.text, &*passphrase);
        OPENSSL_cleanse(passphrase->data(), passphrase->size());
        if (key)
            return PrivateKey(key);
        takeOpenSslReason();
    }
    return fail("the passphrase does not open the private key", place);
}

Result<void> decodeBlock(const Block &block, const std::string &file, const PassphrasePrompt &prompt,
                         KeyMaterial &material)
{
    const Place place{file, block.line, 1};
    const bool certificate = block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE" ||
                             block.label == "TRUSTED CERTIFICATE";
    if (certificate) {
        const BioPtr bio = readBio(block.text);
        X509 *x509 = PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr);
        if (!x509)
            return fail(openSslError("the certificate cannot be read", place));
        material.certificates.emplace_back(x509);
    } else if (block.label.ends_with("PRIVATE KEY")) {
        material.keyWasEncrypted = material.keyWasEncrypted || isEncrypted(block);
        Result<PrivateKey> key = decodeKeyBlock(block, file, prompt);
        if (!key)
            return fail(key.error());
        material.keys.push_back(*std::move(key));
    } else if (block.label == "X509 CRL") {
        material.crls.push_back(std::string(block.text) + '\n');
    }
    return {};
}

Result<KeyMaterial> decodeDer(std::string_view bytes, const std::string &file, const PassphrasePrompt &prompt)
{
    KeyMaterial material;
    if (isPkcs12(bytes))
        return decodePkcs12(bytes, file, prompt);
    const auto *data = reinterpret_cast<const unsigned char *>(bytes.data());
    const auto size = static_cast<long>(bytes.size());
    const unsigned char *at = data;
    if (X509 *x509 = d2i_X509(nullptr, &at, size)) {
        material.certificates.emplace_back(x509);
        return material;
    }
    at = data;
    if (EVP_PKEY *key = d2i_AutoPrivateKey(nullptr, &at, size)) {
        ERR_clear_error();
        material.keys.emplace_back(key);
        return material;
    }
    at = data;
    if (X509_SIG *encrypted = d2i_X509_SIG(nullptr, &at, size)) {
        // Written again as PEM, so that one place deals with passphrases.
        const BioPtr bio = memoryBio();
        PEM_write_bio_PKCS8(bio.get(), encrypted);
        X509_SIG_free(encrypted);
        ERR_clear_error();
        return decodeKeyMaterial(bioText(bio.get()), file, prompt);
    }
    at = data;
    if (X509_CRL *crl = d2i_X509_CRL(nullptr, &at, size)) {
        const BioPtr bio = memoryBio();
        PEM_write_bio_X509_CRL(bio.get(), crl);
        X509_CRL_free(crl);
        ERR_clear_error();
        material.crls.push_back(bioText(bio.get()));
        return material;
    }
    ERR_clear_error();
    return fail("neither PEM nor a DER certificate, key, CRL or PKCS#12 store", Place{file, 0, 0},
                "export it as PEM: the file then begins with -----BEGIN");
}

} // namespace

Result<KeyMaterial> decodeKeyMaterial(std::string_view bytes, const std::string &file,
                                      const PassphrasePrompt &prompt)
{
    if (bytes.empty())
        return fail("the file is empty", Place{file, 0, 0});
    Result<std::vector<Block>> blocks = splitBlocks(bytes, file);
    if (!blocks)
        return fail(blocks.error());
    if (blocks->empty())
        return decodeDer(bytes, file, prompt);
    KeyMaterial material;
    for (const Block &block : *blocks) {
        if (Result<void> done = decodeBlock(block, file, prompt, material); !done)
            return fail(done.error());
    }
    if (material.isEmpty())
        return fail("no certificate, private key or CRL among the PEM blocks",
                    Place{file, blocks->front().line, 1});
    return material;
}

Result<KeyMaterial> readKeyMaterial(const std::string &path, const PassphrasePrompt &prompt)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return fail("the file cannot be read", Place{path, 0, 0},
                    "check that it exists and that you may read it");
    std::string bytes;
    bytes.resize(largestFile + 1);
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > largestFile)
        return fail("the file is larger than 4 MiB: no key or certificate is", Place{path, 0, 0});
    Result<KeyMaterial> material = decodeKeyMaterial(bytes, path, prompt);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return material;
}

std::string toPem(const std::vector<Certificate> &certificates)
{
    std::string text;
    for (const Certificate &certificate : certificates)
        text += certificate.toPem();
    return text;
}

} // namespace sallyport::pki
