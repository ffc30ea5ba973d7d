// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/run_folder.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sallyport::lab {

namespace {

QString text(const std::string &value)
{
    return QString::fromStdString(value);
}

/// One folder of ours: made 0700, or found to be a folder of this user that nobody else may enter.
Result<void> makePrivateFolder(const std::string &path)
{
    if (::mkdir(path.c_str(), 0700) == 0)
        return {};
    if (errno != EEXIST)
        return fail(std::string("the folder cannot be made: ") + std::strerror(errno), {path});
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0)
        return fail(std::string("the folder cannot be looked at: ") + std::strerror(errno), {path});
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid())
        return fail("this is not a folder of yours", {path}, "remove it, it is in the lab's way");
    if ((info.st_mode & 077) != 0 && ::chmod(path.c_str(), 0700) != 0)
        return fail(std::string("the folder cannot be made private: ") + std::strerror(errno), {path});
    return {};
}

/// Beside the folder, which comes and goes.
std::string lockPath(const std::string &runFolder)
{
    return runFolder + ".lock";
}

struct flock wholeFile()
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

QJsonObject encode(const SocketAddress &address)
{
    return {{QStringLiteral("address"), text(address.address)}, {QStringLiteral("port"), address.port}};
}

SocketAddress decodeAddress(const QJsonValue &value)
{
    const QJsonObject object = value.toObject();
    return {object[QLatin1String("address")].toString().toStdString(), object[QLatin1String("port")].toInt()};
}

QJsonArray encode(const std::vector<std::string> &list)
{
    QJsonArray array;
    for (const std::string &item : list)
        array.append(text(item));
    return array;
}

std::vector<std::string> decodeStrings(const QJsonValue &value)
{
    std::vector<std::string> list;
    for (const QJsonValue &item : value.toArray())
        list.push_back(item.toString().toStdString());
    return list;
}

QJsonObject encode(const std::map<std::string, std::string> &map)
{
    QJsonObject object;
    for (const auto &[key, value] : map)
        object.insert(text(key), text(value));
    return object;
}

std::map<std::string, std::string> decodeMap(const QJsonValue &value)
{
    std::map<std::string, std::string> map;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        map.emplace(it.key().toStdString(), it.value().toString().toStdString());
    return map;
}

QJsonObject encode(const std::map<std::string, std::vector<std::string>> &map)
{
    QJsonObject object;
    for (const auto &[key, value] : map)
        object.insert(text(key), encode(value));
    return object;
}

std::map<std::string, std::vector<std::string>> decodeListMap(const QJsonValue &value)
{
    std::map<std::string, std::vector<std::string>> map;
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        map.emplace(it.key().toStdString(), decodeStrings(it.value()));
    return map;
}

QJsonObject encode(const Process &process)
{
    QJsonArray listen;
    for (const ListenAddress &address : process.listen) {
        QJsonObject object = encode(address.at);
        object.insert(QStringLiteral("name"), text(address.name));
        object.insert(QStringLiteral("tls"), address.tls);
        listen.append(object);
    }
    return {{QStringLiteral("name"), text(process.name)},
            {QStringLiteral("id"), text(process.id)},
            {QStringLiteral("kind"),
             process.kind == ProcessKind::Gateway ? QStringLiteral("gateway") : QStringLiteral("httpbin")},
            {QStringLiteral("sidecar"), process.sidecar},
            {QStringLiteral("bootstrap"), text(process.bootstrapPath)},
            {QStringLiteral("listen"), listen},
            {QStringLiteral("admin"), encode(process.admin)},
            {QStringLiteral("outbound"), encode(process.outbound)},
            {QStringLiteral("accessLog"), text(process.accessLogPath)},
            {QStringLiteral("accessLogFormat"), text(process.accessLogFormat)},
            {QStringLiteral("log"), text(process.logPath)}};
}

Process decodeProcess(const QJsonObject &object)
{
    Process process;
    process.name = object[QLatin1String("name")].toString().toStdString();
    process.id = object[QLatin1String("id")].toString().toStdString();
    process.kind = object[QLatin1String("kind")].toString() == QLatin1String("httpbin")
                       ? ProcessKind::Httpbin
                       : ProcessKind::Gateway;
    process.sidecar = object[QLatin1String("sidecar")].toBool();
    process.bootstrapPath = object[QLatin1String("bootstrap")].toString().toStdString();
    for (const QJsonValue &value : object[QLatin1String("listen")].toArray())
        process.listen.push_back({decodeAddress(value),
                                  value.toObject()[QLatin1String("name")].toString().toStdString(),
                                  value.toObject()[QLatin1String("tls")].toBool()});
    process.admin = decodeAddress(object[QLatin1String("admin")]);
    process.outbound = decodeAddress(object[QLatin1String("outbound")]);
    process.accessLogPath = object[QLatin1String("accessLog")].toString().toStdString();
    process.accessLogFormat = object[QLatin1String("accessLogFormat")].toString().toStdString();
    process.logPath = object[QLatin1String("log")].toString().toStdString();
    return process;
}

QJsonObject encode(const Instance &instance)
{
    return {{QStringLiteral("name"), text(instance.name)},
            {QStringLiteral("mesh"), text(instance.mesh)},
            {QStringLiteral("namespace"), text(instance.nameSpace)},
            {QStringLiteral("address"), text(instance.address)},
            {QStringLiteral("gateway"), instance.gateway},
            {QStringLiteral("sidecar"), instance.sidecar},
            {QStringLiteral("outbound"), encode(instance.outbound)},
            {QStringLiteral("forward"), encode(instance.forward)},
            {QStringLiteral("gatewayId"), text(instance.gatewayId)},
            {QStringLiteral("httpbinId"), text(instance.httpbinId)}};
}

Instance decodeInstance(const QJsonObject &object)
{
    Instance instance;
    instance.name = object[QLatin1String("name")].toString().toStdString();
    instance.mesh = object[QLatin1String("mesh")].toString().toStdString();
    instance.nameSpace = object[QLatin1String("namespace")].toString().toStdString();
    instance.address = object[QLatin1String("address")].toString().toStdString();
    instance.gateway = object[QLatin1String("gateway")].toBool();
    instance.sidecar = object[QLatin1String("sidecar")].toBool();
    instance.outbound = decodeAddress(object[QLatin1String("outbound")]);
    instance.forward = decodeAddress(object[QLatin1String("forward")]);
    instance.gatewayId = object[QLatin1String("gatewayId")].toString().toStdString();
    instance.httpbinId = object[QLatin1String("httpbinId")].toString().toStdString();
    return instance;
}

} // namespace

Result<std::string> runFolderOf(const std::string &projectPath)
{
    const QString canonical = QFileInfo(text(projectPath)).canonicalFilePath();
    if (canonical.isEmpty())
        return fail("there is no such folder", {projectPath});
    const QByteArray hash =
        QCryptographicHash::hash(canonical.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    const QByteArray runtime = qgetenv("XDG_RUNTIME_DIR");
    const QByteArray base = !runtime.isEmpty() && QFileInfo(QString::fromUtf8(runtime)).isWritable()
                                ? runtime + "/sallyport"
                                : "/tmp/sallyport-" + QByteArray::number(::geteuid());
    return (base + '/' + hash).toStdString();
}

Result<void> makeRunFolder(const std::string &runFolder)
{
    const std::size_t slash = runFolder.rfind('/');
    if (auto parent = makePrivateFolder(runFolder.substr(0, slash)); !parent)
        return parent;
    if (auto own = makePrivateFolder(runFolder); !own)
        return own;
    for (const char *folder :
         {layout::bootstraps, layout::secrets, layout::logs, layout::control, layout::applications}) {
        if (auto made = makePrivateFolder(runFolder + '/' + folder); !made)
            return made;
    }
    return {};
}

Result<void> emptyRunFolder(const std::string &runFolder)
{
    if (!QDir(text(runFolder)).removeRecursively())
        return fail("what an earlier lab left here cannot be removed", {runFolder});
    return makeRunFolder(runFolder);
}

RunFolderClaim::RunFolderClaim(std::string path, int fd)
    : m_path(std::move(path))
    , m_fd(fd)
{
}

Result<RunFolderClaim> RunFolderClaim::take(const std::string &runFolder)
{
    const std::string path = lockPath(runFolder);
    while (true) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return fail(std::string("the lab cannot be claimed: ") + std::strerror(errno), {path});
        struct flock lock = wholeFile();
        if (::fcntl(fd, F_OFD_SETLK, &lock) != 0) {
            ::close(fd);
            return fail("a lab of this project runs already", {runFolder},
                        "stop it first, or use it with `sallyportctl send`");
        }
        // Whoever held it before may have removed the file after it was opened here.
        struct stat held = {};
        struct stat there = {};
        if (::fstat(fd, &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino)
            return RunFolderClaim(path, fd);
        ::close(fd);
    }
}

bool RunFolderClaim::isHeld(const std::string &runFolder)
{
    const int fd = ::open(lockPath(runFolder).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    struct flock lock = wholeFile();
    const bool held = ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    ::close(fd);
    return held;
}

RunFolderClaim::RunFolderClaim(RunFolderClaim &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_fd(std::exchange(other.m_fd, -1))
{
}

RunFolderClaim &RunFolderClaim::operator=(RunFolderClaim &&other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_fd, other.m_fd);
    return *this;
}

RunFolderClaim::~RunFolderClaim()
{
    if (m_fd < 0)
        return;
    ::unlink(m_path.c_str());
    ::close(m_fd);
}

QByteArray encodeState(const LabPlan &plan)
{
    QJsonArray processes;
    for (const Process &process : plan.processes)
        processes.append(encode(process));
    QJsonArray instances;
    for (const Instance &instance : plan.instances)
        instances.append(encode(instance));
    QJsonArray routes;
    for (const Route &route : plan.routes) {
        QJsonArray actual;
        for (const SocketAddress &address : route.actual)
            actual.append(encode(address));
        routes.append(
            QJsonObject{{QStringLiteral("seen"), encode(route.seen)}, {QStringLiteral("actual"), actual}});
    }
    QJsonObject meshes;
    for (const auto &[name, mesh] : plan.meshes)
        meshes.insert(text(name), QJsonObject{{QStringLiteral("domain"), text(mesh.domain)},
                                              {QStringLiteral("hosts"), encode(mesh.hosts)}});
    QJsonArray reserved;
    for (const SocketAddress &address : plan.reserved)
        reserved.append(encode(address));
    const QJsonObject overlay{{QStringLiteral("toLab"), encode(plan.overlay.toLab)},
                              {QStringLiteral("toMesh"), encode(plan.overlay.toMesh)},
                              {QStringLiteral("nowhere"), text(plan.overlay.nowhere)},
                              {QStringLiteral("lowPortShift"), plan.overlay.lowPortShift},
                              {QStringLiteral("firstFreePort"), plan.overlay.firstFreePort}};
    const QJsonObject root{{QStringLiteral("project"), text(plan.projectPath)},
                           {QStringLiteral("runFolder"), text(plan.runFolder)},
                           {QStringLiteral("processes"), processes},
                           {QStringLiteral("instances"), instances},
                           {QStringLiteral("routes"), routes},
                           {QStringLiteral("reserved"), reserved},
                           {QStringLiteral("overlay"), overlay},
                           {QStringLiteral("names"), encode(plan.names)},
                           {QStringLiteral("addresses"), encode(plan.addresses)},
                           {QStringLiteral("hosts"), encode(plan.hosts)},
                           {QStringLiteral("meshes"), meshes},
                           {QStringLiteral("notes"), encode(plan.notes)}};
    return QJsonDocument(root).toJson(QJsonDocument::Indented);
}

Result<LabPlan> decodeState(const QByteArray &json, const std::string &path)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (!document.isObject())
        return fail("the lab's state is not readable: " + error.errorString().toStdString(), {path},
                    "stop the lab and start it again");
    const QJsonObject root = document.object();
    LabPlan plan;
    plan.projectPath = root[QLatin1String("project")].toString().toStdString();
    plan.runFolder = root[QLatin1String("runFolder")].toString().toStdString();
    for (const QJsonValue &value : root[QLatin1String("processes")].toArray())
        plan.processes.push_back(decodeProcess(value.toObject()));
    for (const QJsonValue &value : root[QLatin1String("instances")].toArray())
        plan.instances.push_back(decodeInstance(value.toObject()));
    for (const QJsonValue &value : root[QLatin1String("routes")].toArray()) {
        Route route;
        route.seen = decodeAddress(value[QLatin1String("seen")]);
        for (const QJsonValue &actual : value[QLatin1String("actual")].toArray())
            route.actual.push_back(decodeAddress(actual));
        plan.routes.push_back(std::move(route));
    }
    for (const QJsonValue &value : root[QLatin1String("reserved")].toArray())
        plan.reserved.push_back(decodeAddress(value));
    const QJsonObject overlay = root[QLatin1String("overlay")].toObject();
    plan.overlay.toLab = decodeMap(overlay[QLatin1String("toLab")]);
    plan.overlay.toMesh = decodeMap(overlay[QLatin1String("toMesh")]);
    plan.overlay.nowhere = overlay[QLatin1String("nowhere")].toString().toStdString();
    plan.overlay.lowPortShift = overlay[QLatin1String("lowPortShift")].toInt();
    plan.overlay.firstFreePort = overlay[QLatin1String("firstFreePort")].toInt();
    plan.names = decodeMap(root[QLatin1String("names")]);
    plan.addresses = decodeMap(root[QLatin1String("addresses")]);
    plan.hosts = decodeListMap(root[QLatin1String("hosts")]);
    const QJsonObject meshes = root[QLatin1String("meshes")].toObject();
    for (auto it = meshes.begin(); it != meshes.end(); ++it) {
        const QJsonObject mesh = it.value().toObject();
        plan.meshes.emplace(it.key().toStdString(),
                            MeshNames{mesh[QLatin1String("domain")].toString().toStdString(),
                                      decodeListMap(mesh[QLatin1String("hosts")])});
    }
    plan.notes = decodeStrings(root[QLatin1String("notes")]);
    return plan;
}

Result<LabPlan> readState(const std::string &projectPath)
{
    const auto folder = runFolderOf(projectPath);
    if (!folder)
        return fail(folder.error());
    const std::string path = *folder + '/' + layout::state;
    QFile file(text(path));
    // The state of a lab that was killed is still there.
    if (!RunFolderClaim::isHeld(*folder) || !file.open(QIODevice::ReadOnly))
        return fail("no lab of this project is running", {projectPath},
                    "start it with `sallyportctl lab " + projectPath + " --keep`");
    return decodeState(file.readAll(), path);
}

} // namespace sallyport::lab
