// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pki/credential_store.h"

#include "core/pki/openssl_error.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sallyport::pki {

namespace {

namespace fs = std::filesystem;

std::string hashText(std::string_view text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < 8; ++i) {
        hex += digits[digest[i] >> 4U];
        hex += digits[digest[i] & 15U];
    }
    return hex;
}

std::string dataHome()
{
    if (const char *home = std::getenv("XDG_DATA_HOME"); home && *home == '/')
        return home;
    const char *home = std::getenv("HOME");
    return std::string(home ? home : "/tmp") + "/.local/share";
}

bool isSafeName(const std::string &name)
{
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

Error systemError(const std::string &what, const std::string &path)
{
    return {what + ": " + std::strerror(errno), Place{path, 0, 0}, {}};
}

Result<void> makePrivateFolder(const std::string &folder)
{
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        return fail("the folder cannot be made: " + code.message(), Place{folder, 0, 0});
    if (::chmod(folder.c_str(), S_IRWXU) != 0)
        return fail(systemError("the folder cannot be made private", folder));
    return {};
}

std::string readAll(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

Result<void> writeFileAtomically(const std::string &path, std::string_view bytes, unsigned mode)
{
    std::string temporary = path + ".XXXXXX";
    const int fd = ::mkstemp(temporary.data());
    if (fd < 0)
        return fail(systemError("the file cannot be written", path));
    std::size_t written = 0;
    bool good = ::fchmod(fd, static_cast<mode_t>(mode)) == 0;
    while (good && written < bytes.size()) {
        const ssize_t n = ::write(fd, bytes.data() + written, bytes.size() - written);
        good = n > 0 || (n < 0 && errno == EINTR);
        written += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    good = good && ::fsync(fd) == 0;
    ::close(fd);
    if (!good || ::rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = systemError("the file cannot be written", path);
        ::unlink(temporary.c_str());
        return fail(error);
    }
    return {};
}

CredentialStore CredentialStore::forProject(const std::string &projectPath)
{
    std::error_code code;
    fs::path canonical = fs::weakly_canonical(projectPath, code);
    if (code)
        canonical = fs::absolute(projectPath);
    std::string text = canonical.string();
    while (text.size() > 1 && text.back() == '/')
        text.pop_back();
    return CredentialStore(dataHome() + "/sallyport/credentials/" + hashText(text));
}

std::vector<CredentialId> CredentialStore::list() const
{
    std::vector<CredentialId> ids;
    std::error_code code;
    for (const fs::directory_entry &mesh : fs::directory_iterator(m_folder, code)) {
        for (const fs::directory_entry &space : fs::directory_iterator(mesh.path(), code)) {
            for (const fs::directory_entry &credential : fs::directory_iterator(space.path(), code))
                ids.push_back(
                    {mesh.path().filename(), space.path().filename(), credential.path().filename()});
        }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

bool CredentialStore::contains(const CredentialId &id) const
{
    const Result<std::string> folder = folderOf(id);
    return folder && fs::is_directory(*folder);
}

Result<Credential> CredentialStore::get(const CredentialId &id) const
{
    const Result<std::string> folder = folderOf(id);
    if (!folder)
        return fail(folder.error());
    if (!fs::is_directory(*folder))
        return fail("no credential \"" + id.name + "\" was imported for namespace " + id.secretNamespace +
                    " of " + id.mesh);
    std::map<std::string, std::string> data;
    for (const char *file : {"tls.key", "tls.crt", "ca.crt", "ca.crl"})
        data[file] = readAll(fs::path(*folder) / file);
    Result<Credential> credential = credentialFromSecretData(id.name, data);
    OPENSSL_cleanse(data["tls.key"].data(), data["tls.key"].size());
    return credential;
}

Result<void> CredentialStore::put(const CredentialId &id, const Credential &credential) const
{
    const Result<std::string> folder = folderOf(id);
    if (!folder)
        return fail(folder.error());
    for (const std::string &level :
         {m_folder, m_folder + '/' + id.mesh, m_folder + '/' + id.mesh + '/' + id.secretNamespace, *folder}) {
        if (Result<void> made = makePrivateFolder(level); !made)
            return made;
    }
    std::string key = credential.key.toPem();
    const std::string chain = toPem(credential.chain);
    const std::string ca = toPem(credential.ca);
    const std::array<std::pair<const char *, std::string_view>, 4> parts{
        {{"tls.key", key}, {"tls.crt", chain}, {"ca.crt", ca}, {"ca.crl", credential.crl}}};
    Result<void> done;
    for (const auto &[file, bytes] : parts) {
        const std::string path = *folder + '/' + file;
        if (bytes.empty())
            ::unlink(path.c_str());
        else if (done)
            done = writeFileAtomically(path, bytes, S_IRUSR | S_IWUSR);
    }
    OPENSSL_cleanse(key.data(), key.size());
    return done;
}

Result<void> CredentialStore::remove(const CredentialId &id) const
{
    const Result<std::string> folder = folderOf(id);
    if (!folder)
        return fail(folder.error());
    std::error_code code;
    fs::remove_all(*folder, code);
    if (code)
        return fail("the credential cannot be removed: " + code.message(), Place{*folder, 0, 0});
    return {};
}

Result<std::string> CredentialStore::folderOf(const CredentialId &id) const
{
    for (const std::string &part : {id.mesh, id.secretNamespace, id.name}) {
        if (!isSafeName(part))
            return fail("\"" + part + "\" cannot be part of a credential's name");
    }
    return m_folder + '/' + id.mesh + '/' + id.secretNamespace + '/' + id.name;
}

} // namespace sallyport::pki
