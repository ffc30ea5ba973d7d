// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/colors.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QtTest>
#include <cmath>

using namespace sallyport::theme;

namespace {

/// Relative luminance and contrast as WCAG 2.1 defines them.
double luminance(const QColor &color)
{
    const auto channel = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) +
           0.0722 * channel(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double lighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace

class TestTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsLegible_data();
    void textIsLegible();
    void theSchemeChangesPaletteAndIcons();
    void everyIconDraws();
    void aLookChangesTheWidget();

private:
    Theme m_theme{*qApp};
};

void TestTheme::textIsLegible_data()
{
    QTest::addColumn<int>("text");
    QTest::addColumn<int>("ground");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<double>("least");
    const auto add = [](const char *name, Role text, Role ground, double least) {
        for (const bool dark : {false, true})
            QTest::addRow("%s %s", name, dark ? "dark" : "light")
                << int(text) << int(ground) << dark << least;
    };
    for (const Role ground : {Role::Panel, Role::Canvas, Role::Card, Role::Raised, Role::SelectionFill}) {
        const QByteArray on = " on " + QByteArray::number(int(ground));
        add("text" + on, Role::Text, ground, 7);
        add("muted" + on, Role::TextMuted, ground, 4.5);
        add("faint" + on, Role::TextFaint, ground, 4.5);
        add("good" + on, Role::Good, ground, 4.5);
        add("warning" + on, Role::Warning, ground, 4.5);
        add("bad" + on, Role::Bad, ground, 4.5);
        add("mesh mTLS" + on, Role::MeshMtls, ground, 4.5);
        add("mTLS" + on, Role::Mtls, ground, 4.5);
        add("plaintext" + on, Role::Plaintext, ground, 4.5);
    }
    add("accent text", Role::AccentText, Role::Accent, 4.5);
    add("text on good", Role::AccentText, Role::Good, 4.5);
    add("accent on panel", Role::Accent, Role::Panel, 3);
}

void TestTheme::textIsLegible()
{
    QFETCH(int, text);
    QFETCH(int, ground);
    QFETCH(bool, dark);
    QFETCH(double, least);
    const double got = contrast(colorOf(Role(text), dark), colorOf(Role(ground), dark));
    QVERIFY2(got >= least, qPrintable(QString::number(got)));
}

void TestTheme::theSchemeChangesPaletteAndIcons()
{
    m_theme.setScheme(Scheme::Light);
    const QImage light = m_theme.icon("lock").pixmap(32, 32).toImage();
    const QColor lightText = QApplication::palette().color(QPalette::WindowText);
    QSignalSpy changed(&m_theme, &Theme::changed);
    const QIcon kept = m_theme.icon("lock");
    m_theme.setScheme(Scheme::Dark);
    QCOMPARE(changed.size(), 1);
    QVERIFY(m_theme.isDark());
    QVERIFY(QApplication::palette().color(QPalette::WindowText) != lightText);
    // An icon that was made before draws in the new colour.
    QVERIFY(kept.pixmap(32, 32).toImage() != light);
}

void TestTheme::everyIconDraws()
{
    const QStringList names = QDir(":/icons").entryList({"*.svg"}, QDir::Files);
    QVERIFY(names.size() > 40);
    for (const QString &name : names) {
        const QImage image = m_theme.icon(name.chopped(4), Role::Text).pixmap(16, 16).toImage();
        QVERIFY2(!image.isNull(), qPrintable(name));
        int inked = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                inked += qAlpha(image.pixel(x, y)) > 40 ? 1 : 0;
        }
        QVERIFY2(inked >= 8, qPrintable(name));
    }
}

void TestTheme::aLookChangesTheWidget()
{
    m_theme.setScheme(Scheme::Dark);
    QPushButton button("Start");
    button.resize(80, 30);
    const QImage plain = button.grab().toImage();
    setLook(&button, Look::Confirm);
    QVERIFY(button.grab().toImage() != plain);
    QLabel title("Hop 2");
    setLook(&title, Look::Title);
    QCOMPARE(title.font().pointSizeF(), m_theme.font(TextStyle::Title).pointSizeF());
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    TestTheme test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_theme.moc"
