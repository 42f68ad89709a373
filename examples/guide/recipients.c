/* SPDX-License-Identifier: MIT */
/* A newspaper that knows nothing of its subscribers but that they handle a headline. */

#include "check.h"

struct headline {
	const char *text;
};
ACTOR_SIGNAL(headline);
ACTOR_SIGNAL_DEFINE(headline, "recipients.headline", NULL);

struct subscribe {
	union headline_recipient who; /* owned */
};
struct publish {
	const char *text;
};
ACTOR_MESSAGE(subscribe, struct actor_unit);
ACTOR_MESSAGE(publish, int); /* how many subscribers it was sent to */

static void subscribe_drop(void *message)
{
	actor_address_unref(((struct subscribe *)message)->who.address);
}

ACTOR_MESSAGE_DEFINE(subscribe, "recipients.subscribe", subscribe_drop, NULL);
ACTOR_MESSAGE_DEFINE(publish, "recipients.publish", NULL, NULL);

#define NEWSPAPER_MESSAGES(CALL, SEND, X)                                                          \
	CALL(X, subscribe)                                                                         \
	CALL(X, publish)
ACTOR_DECLARE(newspaper, NEWSPAPER_MESSAGES);

struct newspaper {
	union headline_recipient *subscribers;
	size_t n_subscribers;
};

static void newspaper_on_subscribe(struct newspaper *self, struct subscribe *message,
				   struct subscribe_pending pending, struct actor_context *context)
{
	struct subscribe_reply reply = subscribe_reply_take(pending);
	union headline_recipient *grown = realloc(self->subscribers,
						  (self->n_subscribers + 1) * sizeof *grown);

	(void)context;
	if (!grown) {
		subscribe_reply_refuse(&reply, ACTOR_E_NOMEM);
		return;
	}
	self->subscribers = grown;
	self->subscribers[self->n_subscribers++] = message->who;
	message->who.address = NULL; /* moved out */
	subscribe_reply_answer(&reply, ACTOR_UNIT);
}

/* Send to every subscriber; those that accept nothing any more are dropped from the list. */
static int newspaper_on_publish(struct newspaper *self, struct publish *message,
				struct actor_context *context)
{
	size_t i, n_kept = 0;

	for (i = 0; i < self->n_subscribers; i++) {
		union headline_recipient who = self->subscribers[i];

		if (ACTOR_SEND(context, who, headline, &(struct headline){ message->text }) == 0)
			self->subscribers[n_kept++] = who;
		else
			actor_address_unref(who.address);
	}
	self->n_subscribers = n_kept;
	return (int)n_kept;
}

static void newspaper_destroy(struct newspaper *self)
{
	size_t i;

	for (i = 0; i < self->n_subscribers; i++)
		actor_address_unref(self->subscribers[i].address);
	free(self->subscribers);
}

ACTOR_DEFINE(newspaper, NEWSPAPER_MESSAGES, NULL, NULL, newspaper_destroy);

/* Two quite different actors that happen to handle a headline. */

struct last_headline {
	char none;
};
struct count_letters {
	char none;
};
ACTOR_MESSAGE(last_headline, const char *);
ACTOR_MESSAGE(count_letters, size_t);
ACTOR_MESSAGE_DEFINE(last_headline, "recipients.last-headline", NULL, NULL);
ACTOR_MESSAGE_DEFINE(count_letters, "recipients.count-letters", NULL, NULL);

#define READER_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, headline)                                                                          \
	CALL(X, last_headline)
ACTOR_DECLARE(reader, READER_MESSAGES);

struct reader {
	const char *last;
};

static void reader_on_headline(struct reader *self, struct headline *message,
			       struct actor_context *context)
{
	(void)context;
	self->last = message->text;
}

static const char *reader_on_last_headline(struct reader *self, struct last_headline *message,
					   struct actor_context *context)
{
	(void)message, (void)context;
	return self->last;
}

ACTOR_DEFINE(reader, READER_MESSAGES, NULL, NULL, NULL);

#define CENSUS_MESSAGES(CALL, SEND, X)                                                             \
	SEND(X, headline)                                                                          \
	CALL(X, count_letters)
ACTOR_DECLARE(census, CENSUS_MESSAGES);

struct census {
	size_t n_letters;
};

static void census_on_headline(struct census *self, struct headline *message,
			       struct actor_context *context)
{
	(void)context;
	self->n_letters += strlen(message->text);
}

static size_t census_on_count_letters(struct census *self, struct count_letters *message,
				      struct actor_context *context)
{
	(void)message, (void)context;
	return self->n_letters;
}

ACTOR_DEFINE(census, CENSUS_MESSAGES, NULL, NULL, NULL);

static void subscribe(struct actor_context *context, union newspaper_address newspaper,
		      union headline_recipient who)
{
	struct subscribe message = { who };

	actor_address_ref(who.address); /* the message owns a reference of its own */
	CHECK(ACTOR_CALL(context, newspaper, subscribe, NULL, &message));
}

int main(void)
{
	struct actor_context *context = main_context();
	struct newspaper newspaper_state = { .n_subscribers = 0 };
	struct reader reader_state = { .last = NULL };
	struct census census_state = { .n_letters = 0 };
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	union newspaper_address newspaper;
	union reader_address reader;
	union census_address census;
	const char *last;
	size_t n_letters;
	int n_sent;

	CHECK(actor_pool_create(NULL, &pool));
	spawner = actor_executor_spawner(pool);
	CHECK(ACTOR_SPAWN(newspaper, spawner, &newspaper_state, NULL, &newspaper));
	CHECK(ACTOR_SPAWN(reader, spawner, &reader_state, NULL, &reader));
	CHECK(ACTOR_SPAWN(census, spawner, &census_state, NULL, &census));
	subscribe(context, newspaper, ACTOR_FOR(headline, reader));
	subscribe(context, newspaper, ACTOR_FOR(headline, census));

	CHECK(ACTOR_CALL(context, newspaper, publish, &n_sent, &(struct publish){ "C is fifty" }));
	CHECK(ACTOR_CALL(context, reader, last_headline, &last, &(struct last_headline){ 0 }));
	CHECK(ACTOR_CALL(context, census, count_letters, &n_letters, &(struct count_letters){ 0 }));
	printf("sent to %d: %s (%zu letters)\n", n_sent, last, n_letters);

	CHECK(actor_address_stop(reader.address, ACTOR_STOP_DRAIN));
	CHECK(ACTOR_CALL(context, newspaper, publish, &n_sent, &(struct publish){ "Last issue" }));
	printf("sent to %d\n", n_sent);

	actor_address_unref(newspaper.address);
	actor_address_unref(reader.address);
	actor_address_unref(census.address);
	end_executor(pool);
	return EXIT_SUCCESS;
}
