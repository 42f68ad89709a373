/* SPDX-License-Identifier: MIT */
/* A print shop: who is there, who is stuck, and closing time. It runs in a simulation, where the
 * seconds that it takes pass at once. */

#include "check.h"

#define SECOND INT64_C(1000000000)

struct print {
	int pages;
};
ACTOR_SIGNAL(print);
ACTOR_SIGNAL_DEFINE(print, "shop.print", NULL);

/* A library's actor: nothing here knows of a runtime. */

#define PRINTER_MESSAGES(CALL, SEND, X) SEND(X, print)
ACTOR_DECLARE(printer, PRINTER_MESSAGES);

struct printer {
	int n_printed;
};

static void printer_on_print(struct printer *self, struct print *message,
			     struct actor_context *context)
{
	if (message->pages > 100) /* out of paper, and nobody comes */
		actor_ignore(actor_sleep_until(context, ACTOR_FOREVER));
	else
		self->n_printed += message->pages;
}

ACTOR_DEFINE(printer, PRINTER_MESSAGES, NULL, NULL, NULL);

static void open_library(struct actor_spawner *spawner, struct printer *state,
			 union printer_address *ret_printer)
{
	CHECK(ACTOR_SPAWN(printer, spawner, state, ACTOR_OPTIONS(.name = "printer"), ret_printer));
}

/* An actor that wants to know when business begins and ends, and how the printer is. */

#define CLERK_MESSAGES(CALL, SEND, X)                                                              \
	SEND(X, actor_start)                                                                       \
	SEND(X, actor_terminate)                                                                   \
	SEND(X, actor_notice)
ACTOR_DECLARE(clerk, CLERK_MESSAGES);

struct clerk {
	char none;
};

static void clerk_on_actor_start(struct clerk *self, struct actor_start *message,
				 struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	printf("clerk: good morning\n");
}

static void clerk_on_actor_terminate(struct clerk *self, struct actor_terminate *message,
				     struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	printf("clerk: we are closing\n");
}

static void clerk_on_actor_notice(struct clerk *self, struct actor_notice *message,
				  struct actor_context *context)
{
	(void)self, (void)context;
	if (message->what == ACTOR_NOTICED_UNHEALTHY)
		printf("clerk: the %s has been at %s for a second\n", message->name,
		       message->message_type);
}

ACTOR_DEFINE(clerk, CLERK_MESSAGES, NULL, NULL, NULL);

static void open_shop(struct actor_runtime *runtime, struct printer *printer_state,
		      union printer_address *ret_printer, union clerk_address *ret_clerk)
{
	struct actor_spawner *spawner = actor_runtime_spawner(runtime);

	open_library(spawner, printer_state, ret_printer);
	CHECK(ACTOR_SPAWN(clerk, spawner, NULL, ACTOR_OPTIONS(.name = "clerk"), ret_clerk));
	CHECK(actor_runtime_supervise(runtime, actor_address_identity(ret_printer->address),
				      ret_clerk->address));
	CHECK(actor_runtime_start(runtime));
}

static void order(struct actor_runtime *runtime, int pages)
{
	union printer_address printer = { actor_runtime_find(runtime, "printer") };

	CHECK(printer.address ? 0 : ACTOR_E_CLOSED);
	CHECK(ACTOR_TRY_SEND(printer, print, &(struct print){ pages }));
	actor_address_unref(printer.address);
}

static void close_shop(struct actor_context *context, struct actor_runtime *runtime)
{
	struct actor_runtime_list *left;
	int rc = actor_runtime_stop(context, runtime, actor_now(context) + 5 * SECOND,
				    ACTOR_RUNTIME_CANCEL, &left);

	if (rc == ACTOR_E_TIMEOUT)
		for (size_t i = 0; left && i < left->n_members; i++)
			printf("the %s has not stopped: %s, %s, %zu queued\n",
			       left->members[i].name, actor_state_name(left->members[i].state),
			       left->members[i].in_hand, left->members[i].n_queued);
	actor_runtime_list_destroy(left);
	CHECK(actor_runtime_wait(context, runtime, ACTOR_FOREVER)); /* it has been cancelled */
}

int main(void)
{
	struct actor_simulation_options options = { .size = sizeof options, .seed = 1 };
	struct printer printer_state = { 0 };
	union printer_address printer;
	union clerk_address clerk;
	struct actor_context *context;
	struct actor_executor *executor;
	struct actor_runtime *runtime;

	CHECK(actor_simulation_create(&options, &executor));
	context = main_context();
	CHECK(actor_runtime_create(executor, NULL, &runtime));
	open_shop(runtime, &printer_state, &printer, &clerk);
	order(runtime, 10);
	order(runtime, 500);
	order(runtime, 10);
	CHECK(actor_sleep_until(context, actor_now(context) + 60 * SECOND));
	close_shop(context, runtime);
	printf("%d pages were printed\n", printer_state.n_printed);
	actor_address_unref(printer.address);
	actor_address_unref(clerk.address);
	CHECK(actor_runtime_destroy(runtime));
	end_executor(executor);
	return 0;
}
