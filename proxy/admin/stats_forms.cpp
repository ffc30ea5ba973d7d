// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/stats_forms.h"

namespace sallyport::admin {

Result<StatsForms> StatsForms::create(const dataplane::StatsConfig &configuration)
{
    Result<TagProducer> tags = TagProducer::create(configuration);
    if (!tags)
        return fail(tags.error());
    return StatsForms{std::move(*tags), HistogramBounds(configuration.histogramBounds)};
}

} // namespace sallyport::admin
