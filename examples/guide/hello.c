/* SPDX-License-Identifier: MIT */
/* An actor that greets and counts, and a program that calls it. */

#include <actor-impl/actor-impl.h>
#include <stdio.h>
#include <stdlib.h>

struct greet { /* a message is a plain struct */
	const char *whom;
};
ACTOR_MESSAGE(greet, int); /* and is answered with an int */
ACTOR_MESSAGE_DEFINE(greet, "hello.greet", NULL, NULL);

#define GREETER_MESSAGES(CALL, SEND, X) CALL(X, greet)
ACTOR_DECLARE(greeter, GREETER_MESSAGES);

struct greeter { /* the state of an actor: only its handlers touch it */
	int n_greeted;
};

static int greeter_on_greet(struct greeter *self, struct greet *message,
			    struct actor_context *context)
{
	(void)context;
	printf("hello, %s\n", message->whom);
	return ++self->n_greeted;
}
ACTOR_DEFINE(greeter, GREETER_MESSAGES, NULL, NULL, NULL);

static void check(int status)
{
	if (status < 0) {
		fprintf(stderr, "hello: %s\n", actor_strerror(status));
		exit(EXIT_FAILURE);
	}
}

int main(void)
{
	struct actor_context *context = actor_thread_context();
	struct greeter state = { .n_greeted = 0 };
	struct actor_executor *pool;
	union greeter_address greeter;
	int n_greeted;

	check(context ? 0 : ACTOR_E_NOMEM);
	check(actor_pool_create(NULL, &pool));
	check(ACTOR_SPAWN(greeter, actor_executor_spawner(pool), &state, NULL, &greeter));
	check(ACTOR_CALL(context, greeter, greet, &n_greeted, &(struct greet){ "world" }));
	printf("greeted: %d\n", n_greeted);
	actor_address_unref(greeter.address); /* nobody can send any more: the actor ends */
	check(actor_executor_join(pool, ACTOR_FOREVER));
	check(actor_executor_destroy(pool));
	return EXIT_SUCCESS;
}
