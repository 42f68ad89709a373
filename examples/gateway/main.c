/* SPDX-License-Identifier: MIT */
/* The gateway problem: which designs can block for ever, found out in many simulated orders. */

#include "../guide/check.h"
#include "model.h"

static const struct {
	const char *text;
	struct gateway_model model;
} cases[] = {
	{ "one mailbox, one gateway", { GATEWAY_ONE_MAILBOX, 1, 5, "" } },
	{ "responses first, one gateway", { GATEWAY_PRIORITY, 1, 5, "" } },
	{ "responses first, three gateways", { GATEWAY_PRIORITY, 3, 5, "" } },
	{ "permits, three gateways", { GATEWAY_PERMITS, 3, 5, "" } },
};

int main(void)
{
	enum { N_SEEDS = 1000 };
	struct actor_simulation_options options = { .size = sizeof options, .seed = 1 };

	/* Runs that fail are expected here: nobody need be told of them. */
	actor_log_set_sink(actor_log_to_stderr, NULL, ACTOR_LOG_NONE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct gateway_model model = cases[i].model;
		int rc = actor_simulation_check(&options, N_SEEDS, gateway_run, &model);

		if (rc == ACTOR_E_DEADLOCK)
			printf("%s: blocks for ever in some order\n%s%s", cases[i].text, model.why,
			       model.why[0] ? "\n" : "");
		else if (CHECK(rc) == 0)
			printf("%s: no order of %d does\n", cases[i].text, N_SEEDS);
	}
	return EXIT_SUCCESS;
}
