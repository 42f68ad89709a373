/* SPDX-License-Identifier: MIT */
/* In the place of workers.c and worker.c, where there are no connections. */
#include "worker.h"
#include "workers.h"

#include <stdio.h>

bool workers_load_tls(int argc, char **argv)
{
	(void)argc, (void)argv;
	fprintf(stderr, "wordcount: --tls: built without connections\n");
	return false;
}

int workers_open(struct actor_context *context, const struct options *options,
		 struct workers **ret_workers)
{
	(void)context, (void)options;
	*ret_workers = NULL;
	return ACTOR_E_UNSUPPORTED;
}

const struct hire *workers_hire(const struct workers *workers)
{
	(void)workers;
	return NULL;
}

void workers_close(struct workers *workers)
{
	(void)workers;
}

int worker_main(const char *address)
{
	fprintf(stderr, "wordcount: %s: built without connections\n", address);
	return STATUS_GAVE_UP;
}
