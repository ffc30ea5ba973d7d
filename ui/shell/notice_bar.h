// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>
#include <functional>
#include <utility>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace sallyport::shell {

/// Something that the person must know or decide, above the canvas; nothing waits for it. Each topic has one
/// notice at most: a newer one takes its place.
class NoticeBar : public QFrame
{
    Q_OBJECT

public:
    explicit NoticeBar(QWidget *parent = nullptr);

    struct Choice
    {
        QString text;
        std::function<void()> run;
    };
    enum class Kind { Information, Warning, Error };
    void show(const QString &topic, Kind kind, const QString &text, const std::vector<Choice> &choices = {});
    void dismiss(const QString &topic);
    QStringList topics() const;

private:
    struct Notice
    {
        QString topic;
        QWidget *row = nullptr;
    };
    std::vector<Notice> m_notices;
};

} // namespace sallyport::shell
