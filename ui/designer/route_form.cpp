// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/designer/route_form.h"

#include "ui/designer/route_choices.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace sallyport::designer {

namespace {

using design::Encryption;
using design::RouteDesign;
using theme::grid;
using theme::Look;

constexpr int lastPort = 65535;
constexpr int portWidth = 11 * grid;

QHBoxLayout *row(QWidget *wide, QWidget *narrow)
{
    auto *layout = new QHBoxLayout;
    layout->setSpacing(grid);
    layout->addWidget(wide, 1, Qt::AlignTop);
    layout->addWidget(narrow, 0, Qt::AlignTop);
    return layout;
}

} // namespace

RouteForm::RouteForm(session::ProjectSession &project, DesignDraft &draft, QWidget *parent)
    : QWidget(parent)
    , m_project(project)
    , m_draft(draft)
{
    setObjectName(QStringLiteral("routeForm"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * grid, 0, grid + theme::half, grid);
    layout->setSpacing(grid);
    makeClients(*layout);
    makeHost(*layout);
    makeGateway(*layout);
    makeEncryption(*layout);
    makeAccess(*layout);
    layout->addStretch();
    connect(&draft, &DesignDraft::proposed, this, &RouteForm::show);
    connect(&draft, &DesignDraft::previewed, this, &RouteForm::showFindings);
    connect(&project, &session::ProjectSession::projectChanged, this, &RouteForm::show);
}

void RouteForm::caption(QVBoxLayout &layout, const QString &text)
{
    auto *label = new QLabel(text.toUpper(), this);
    theme::setLook(label, Look::Caption);
    label->setContentsMargins(0, grid, 0, 0);
    layout.addWidget(label);
}

QWidget *RouteForm::field(Field field, const QString &label, QWidget *editor, const QString &hint)
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    auto *name = new QLabel(label, box);
    name->setBuddy(editor);
    theme::setLook(name, Look::Muted);
    auto *words = new QLabel(hint, box);
    words->setWordWrap(true);
    theme::setLook(words, Look::Faint);
    words->setVisible(!hint.isEmpty());
    editor->setAccessibleName(QString(label).remove(QLatin1Char('&')));
    editor->setAccessibleDescription(hint);
    layout->addWidget(name);
    layout->addWidget(editor);
    layout->addWidget(words);
    m_words.insert(static_cast<int>(field), {words, editor, hint});
    return box;
}

QComboBox *RouteForm::choice(const char *name)
{
    auto *box = new QComboBox(this);
    box->setObjectName(QLatin1String(name));
    box->setEditable(true);
    box->setInsertPolicy(QComboBox::NoInsert);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    theme::setLook(box->lineEdit(), Look::Mono);
    return box;
}

QLineEdit *RouteForm::line(const char *name)
{
    auto *edit = new QLineEdit(this);
    edit->setObjectName(QLatin1String(name));
    theme::setLook(edit, Look::Mono);
    return edit;
}

QSpinBox *RouteForm::port(const char *name)
{
    auto *box = new QSpinBox(this);
    box->setObjectName(QLatin1String(name));
    box->setRange(1, lastPort);
    box->setFixedWidth(portWidth);
    return box;
}

void RouteForm::makeClients(QVBoxLayout &layout)
{
    caption(layout, tr("1  Who calls"));
    m_mesh = new QComboBox(this);
    m_mesh->setObjectName(QStringLiteral("routeMesh"));
    m_clients = choice("routeClients");
    auto *mesh = field(Field::Clients, tr("&Workloads"), m_clients,
                       tr("One, or several with commas; one that is not there yet is made."));
    auto *label = new QLabel(tr("Mes&h"), this);
    label->setBuddy(m_mesh);
    theme::setLook(label, Look::Muted);
    auto *meshBox = new QWidget(this);
    auto *meshLayout = new QVBoxLayout(meshBox);
    meshLayout->setContentsMargins(0, 0, 0, 0);
    meshLayout->setSpacing(3);
    meshLayout->addWidget(label);
    meshLayout->addWidget(m_mesh);
    meshBox->setFixedWidth(15 * grid);
    layout.addLayout(row(mesh, meshBox));
    connect(m_mesh, &QComboBox::textActivated, this,
            [this](const QString &name) { m_draft.setMesh(name.toStdString()); });
    connect(m_clients, &QComboBox::editTextChanged, this, [this] { read(Field::Clients); });
}

void RouteForm::makeHost(QVBoxLayout &layout)
{
    caption(layout, tr("2  Where to"));
    m_host = choice("routeHost");
    m_clientPort = port("routeClientPort");
    layout.addLayout(
        row(field(Field::Host, tr("External hos&t"), m_host, tr("As applications call it, in plain HTTP.")),
            field(Field::ClientPort, tr("&Port"), m_clientPort, {})));
    m_addresses = line("routeAddresses");
    layout.addWidget(field(Field::Addresses, tr("Addr&esses"), m_addresses,
                           tr("IP addresses or names; empty: DNS knows the host.")));
    connect(m_host, &QComboBox::editTextChanged, this, [this] { read(Field::Host); });
    connect(m_clientPort, &QSpinBox::valueChanged, this, [this] { read(Field::ClientPort); });
    connect(m_addresses, &QLineEdit::textEdited, this, [this] { read(Field::Addresses); });
}

void RouteForm::makeGateway(QVBoxLayout &layout)
{
    caption(layout, tr("3  Through"));
    m_gateway = choice("routeGateway");
    m_gatewayPort = port("routeGatewayPort");
    layout.addLayout(row(field(Field::Gateway, tr("Egress &gateway"), m_gateway,
                               tr("Sidecars reach it by mesh mTLS; one that is not there yet is made.")),
                         field(Field::GatewayPort, tr("Port"), m_gatewayPort, {})));
    connect(m_gateway, &QComboBox::editTextChanged, this, [this] { read(Field::Gateway); });
    connect(m_gatewayPort, &QSpinBox::valueChanged, this, [this] { read(Field::GatewayPort); });
}

void RouteForm::makeEncryption(QVBoxLayout &layout)
{
    caption(layout, tr("4  How it leaves the mesh"));
    m_encryption = new QComboBox(this);
    m_encryption->setObjectName(QStringLiteral("routeEncryption"));
    m_encryption->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_encryption->setMinimumContentsLength(12);
    m_encryption->addItem(tr("MUTUAL: TLS with a client certificate"),
                          static_cast<int>(Encryption::MutualTls));
    m_encryption->addItem(tr("SIMPLE: TLS, the server is verified"), static_cast<int>(Encryption::Tls));
    m_encryption->addItem(tr("No TLS: plaintext"), static_cast<int>(Encryption::None));
    m_externalPort = port("routeExternalPort");
    layout.addLayout(row(field(Field::Encryption, tr("tls.&mode"), m_encryption, {}),
                         field(Field::ExternalPort, tr("Port of the host"), m_externalPort, {})));
    m_tls = new QWidget(this);
    auto *tls = new QVBoxLayout(m_tls);
    tls->setContentsMargins(0, 0, 0, 0);
    tls->setSpacing(grid);
    m_credential = choice("routeCredential");
    m_import = new QPushButton(tr("Import…"), this);
    m_import->setObjectName(QStringLiteral("routeImport"));
    m_import->setToolTip(tr("Import this credential for the gateway's namespace"));
    auto *importBox = new QWidget(m_tls);
    auto *importLayout = new QVBoxLayout(importBox);
    importLayout->setContentsMargins(0, 0, 0, 0);
    importLayout->setSpacing(3);
    importLayout->addWidget(new QLabel(QStringLiteral(" "), importBox));
    importLayout->addWidget(m_import);
    tls->addLayout(row(field(Field::Credential, tr("&credentialName"), m_credential,
                             tr("A Secret in the gateway's namespace, or one that you import.")),
                       importBox));
    m_sni = line("routeSni");
    m_names = line("routeNames");
    tls->addWidget(field(Field::Sni, tr("s&ni"), m_sni, tr("The name asked for in the handshake.")));
    tls->addWidget(field(Field::SubjectAltNames, tr("&subjectAltNames"), m_names,
                         tr("The server's certificate must have one of these names.")));
    layout.addWidget(m_tls);
    connect(m_encryption, &QComboBox::activated, this, [this] { read(Field::Encryption); });
    connect(m_externalPort, &QSpinBox::valueChanged, this, [this] { read(Field::ExternalPort); });
    connect(m_credential, &QComboBox::editTextChanged, this, [this] { read(Field::Credential); });
    connect(m_sni, &QLineEdit::textEdited, this, [this] { read(Field::Sni); });
    connect(m_names, &QLineEdit::textEdited, this, [this] { read(Field::SubjectAltNames); });
    connect(m_import, &QPushButton::clicked, this, &RouteForm::importCredential);
}

void RouteForm::makeAccess(QVBoxLayout &layout)
{
    caption(layout, tr("5  Who may use it"));
    m_allowed = choice("routeAllowed");
    layout.addWidget(field(Field::Allowed, tr("Allowed &identities"), m_allowed,
                           tr("Principals, with commas between them; empty: everybody in the mesh.")));
    m_registryOnly = new QCheckBox(tr("Refuse hosts that nobody registered (REGISTR&Y_ONLY)"), this);
    m_registryOnly->setObjectName(QStringLiteral("routeRegistryOnly"));
    m_registryOnly->setToolTip(tr("outboundTrafficPolicy of the whole mesh"));
    layout.addWidget(m_registryOnly);
    m_nameSpace = choice("routeNamespace");
    layout.addWidget(field(Field::NameSpace, tr("Namespace of what is ma&de"), m_nameSpace, {}));
    connect(m_allowed, &QComboBox::editTextChanged, this, [this] { read(Field::Allowed); });
    connect(m_registryOnly, &QCheckBox::clicked, this, [this] {
        RouteDesign design = m_draft.design();
        design.registryOnly = m_registryOnly->isChecked();
        m_draft.edit(Field::Host, design);
    });
    connect(m_nameSpace, &QComboBox::editTextChanged, this, [this] { read(Field::NameSpace); });
}

void RouteForm::focusFirst()
{
    QComboBox *first = m_draft.design().host.empty() ? m_host : m_clients;
    first->setFocus();
    first->lineEdit()->selectAll();
}

void RouteForm::read(Field field)
{
    if (m_showing)
        return;
    RouteDesign design = m_draft.design();
    switch (field) {
    case Field::Clients:
        design.clients = workloadsFromText(m_clients->currentText());
        break;
    case Field::NameSpace:
        design.nameSpace = m_nameSpace->currentText().trimmed().toStdString();
        break;
    case Field::Host:
        m_draft.setHost(m_host->currentText().trimmed().toStdString());
        return;
    case Field::ClientPort:
        design.clientPort = static_cast<std::uint32_t>(m_clientPort->value());
        break;
    case Field::Addresses:
        design.addresses = listFromText(m_addresses->text());
        break;
    case Field::Gateway:
        design.gateway = design::workloadFromText(m_gateway->currentText().trimmed().toStdString());
        break;
    case Field::GatewayPort:
        design.gatewayPort = static_cast<std::uint32_t>(m_gatewayPort->value());
        break;
    case Field::ExternalPort:
        design.externalPort = static_cast<std::uint32_t>(m_externalPort->value());
        break;
    case Field::Encryption:
        design.encryption = static_cast<Encryption>(m_encryption->currentData().toInt());
        m_tls->setVisible(design.encryption != Encryption::None);
        break;
    case Field::Credential:
        design.credentialName = m_credential->currentText().trimmed().toStdString();
        break;
    case Field::Sni:
        design.sni = m_sni->text().trimmed().toStdString();
        break;
    case Field::SubjectAltNames:
        design.subjectAltNames = listFromText(m_names->text());
        break;
    case Field::Allowed:
        design.allowed = listFromText(m_allowed->currentText());
        break;
    }
    m_draft.edit(field, design);
    if (field == Field::Gateway)
        showChoices();
}

/// Where a person is typing, what they typed stays as they typed it.
void RouteForm::show()
{
    m_showing = true;
    showChoices();
    const RouteDesign &design = m_draft.design();
    const auto set = [](QLineEdit *edit, const QString &text) {
        if (!edit->hasFocus() && edit->text() != text)
            edit->setText(text);
    };
    set(m_clients->lineEdit(), workloadsText(design.clients));
    set(m_host->lineEdit(), QString::fromStdString(design.host));
    m_clientPort->setValue(static_cast<int>(design.clientPort));
    set(m_addresses, listText(design.addresses));
    set(m_gateway->lineEdit(),
        design.gateway.isSet() ? QString::fromStdString(design.gateway.toString()) : QString());
    m_gatewayPort->setValue(static_cast<int>(design.gatewayPort));
    m_encryption->setCurrentIndex(m_encryption->findData(static_cast<int>(design.encryption)));
    m_tls->setVisible(design.encryption != Encryption::None);
    m_externalPort->setValue(static_cast<int>(design.externalPort));
    set(m_credential->lineEdit(), QString::fromStdString(design.credentialName));
    set(m_sni, QString::fromStdString(design.sni));
    set(m_names, listText(design.subjectAltNames));
    set(m_allowed->lineEdit(), listText(design.allowed));
    set(m_nameSpace->lineEdit(), QString::fromStdString(design.nameSpace));
    m_registryOnly->setChecked(design.registryOnly);
    m_showing = false;
}

void RouteForm::showChoices()
{
    const session::ProjectPtr project = m_project.project();
    const RouteDesign &design = m_draft.design();
    const bool wasShowing = std::exchange(m_showing, true);
    const auto offer = [](QComboBox *box, const QStringList &items) {
        QStringList now;
        for (int i = 0; i < box->count(); ++i)
            now.append(box->itemText(i));
        if (now == items)
            return;
        const QString text = box->currentText();
        const int cursor = box->lineEdit() ? box->lineEdit()->cursorPosition() : 0;
        box->clear();
        box->addItems(items);
        if (!box->isEditable())
            return;
        box->setEditText(text);
        box->lineEdit()->setCursorPosition(cursor);
    };
    const RouteChoices choices = routeChoices(project.get(), design);
    offer(m_mesh, choices.meshes);
    m_mesh->setCurrentText(QString::fromStdString(design.mesh));
    offer(m_host, choices.hosts);
    offer(m_clients, choices.clients);
    offer(m_allowed, choices.principals);
    offer(m_gateway, choices.gateways);
    offer(m_nameSpace, choices.nameSpaces);
    offer(m_credential, choices.credentials);
    m_showing = wasShowing;
}

void RouteForm::showFindings()
{
    const DesignPreview &preview = m_draft.preview();
    for (auto words = m_words.begin(); words != m_words.end(); ++words) {
        const design::DesignFinding *finding = preview.findingOf(static_cast<Field>(words.key()));
        QString said = words->hint;
        Look look = Look::Faint;
        if (finding) {
            said = QString::fromStdString(finding->message);
            if (!finding->hint.empty())
                said += QStringLiteral(": ") + QString::fromStdString(finding->hint);
            said[0] = said[0].toUpper();
            look = finding->severity == model::Severity::Error ? Look::Bad : Look::Warning;
        }
        words->label->setText(said);
        words->label->setVisible(!said.isEmpty());
        theme::setLook(words->label, look);
        words->editor->setAccessibleDescription(said);
        theme::setLook(words->editor, finding ? look : Look::Plain);
    }
    // A field of names keeps its face.
    for (QLineEdit *edit : {m_addresses, m_sni, m_names})
        edit->setFont(theme::Theme::instance().font(theme::TextStyle::Mono));
    const bool named = !m_draft.design().credentialName.empty();
    m_import->setVisible(named && preview.findingOf(Field::Credential) != nullptr);
}

void RouteForm::importCredential()
{
    const RouteDesign &design = m_draft.design();
    Q_EMIT importWanted({QString::fromStdString(design.mesh),
                         QString::fromStdString(design.gateway.nameSpace),
                         QString::fromStdString(design.credentialName)});
}

} // namespace sallyport::designer
