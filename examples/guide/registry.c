/* SPDX-License-Identifier: MIT */
/* Recipients of a set of messages, and addresses whose type is only known at run time. */

#include "check.h"

struct play {
	const char *title;
};
struct halt {
	char none;
};
struct tune {
	int kilohertz;
};
struct shine {
	char none;
};
ACTOR_MESSAGE(play, const char *); /* answered with what it sounds like */
ACTOR_MESSAGE(halt, struct actor_unit);
ACTOR_MESSAGE(tune, struct actor_unit);
ACTOR_MESSAGE(shine, struct actor_unit);
ACTOR_MESSAGE_DEFINE(play, "registry.play", NULL, NULL);
ACTOR_MESSAGE_DEFINE(halt, "registry.halt", NULL, NULL);
ACTOR_MESSAGE_DEFINE(tune, "registry.tune", NULL, NULL);
ACTOR_MESSAGE_DEFINE(shine, "registry.shine", NULL, NULL);

/* Whatever handles both is a player. */
#define PLAYER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, play)                                                                              \
	CALL(X, halt)
ACTOR_RECIPIENT(player, PLAYER_MESSAGES);

/* A radio is a player that can be tuned. */
#define RADIO_MESSAGES(CALL, SEND, X)                                                              \
	PLAYER_MESSAGES(CALL, SEND, X)                                                             \
	CALL(X, tune)
ACTOR_DECLARE(radio, RADIO_MESSAGES);

struct radio {
	int kilohertz;
};

static const char *radio_on_play(struct radio *self, struct play *message,
				 struct actor_context *context)
{
	(void)message, (void)context;
	return self->kilohertz ? "whatever is on" : "noise";
}

static struct actor_unit radio_on_halt(struct radio *self, struct halt *message,
				       struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	return ACTOR_UNIT;
}

static struct actor_unit radio_on_tune(struct radio *self, struct tune *message,
				       struct actor_context *context)
{
	(void)context;
	self->kilohertz = message->kilohertz;
	return ACTOR_UNIT;
}

ACTOR_DEFINE(radio, RADIO_MESSAGES, NULL, NULL, NULL);

/* A gramophone is a player and nothing else. It needs no state, so struct gramophone stays
 * undefined. */
ACTOR_DECLARE(gramophone, PLAYER_MESSAGES);

static const char *gramophone_on_play(struct gramophone *self, struct play *message,
				      struct actor_context *context)
{
	(void)self, (void)context;
	return message->title;
}

static struct actor_unit gramophone_on_halt(struct gramophone *self, struct halt *message,
					    struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	return ACTOR_UNIT;
}

ACTOR_DEFINE(gramophone, PLAYER_MESSAGES, NULL, NULL, NULL);

/* A lamp is no player. */
#define LAMP_MESSAGES(CALL, SEND, X) CALL(X, shine)
ACTOR_DECLARE(lamp, LAMP_MESSAGES);

static struct actor_unit lamp_on_shine(struct lamp *self, struct shine *message,
				       struct actor_context *context)
{
	(void)self, (void)message, (void)context;
	return ACTOR_UNIT;
}

ACTOR_DEFINE(lamp, LAMP_MESSAGES, NULL, NULL, NULL);

/* Takes any player, and sends it nothing but what players handle. */
static void play(struct actor_context *context, union player to, const char *title)
{
	const char *sound;

	CHECK(ACTOR_CALL(context, to, play, &sound, &(struct play){ title }));
	CHECK(ACTOR_CALL(context, to, halt, NULL, &(struct halt){ 0 }));
	printf("%s: %s\n", actor_address_name(to.address), sound);
}

/* What a device can do is asked of its address; its name is what the mailbox was given. */
static void play_if_possible(struct actor_context *context, struct actor_address *device,
			     const char *title)
{
	union player player;
	int rc = player_from(device, &player);

	if (rc == 0)
		play(context, player, title);
	else
		printf("%s: %s\n", actor_address_name(device), actor_strerror(rc));
}

int main(void)
{
	struct actor_context *context = main_context();
	struct radio radio_state = { .kilohertz = 0 };
	struct actor_executor *pool;
	struct actor_spawner *spawner;
	union radio_address radio;
	union gramophone_address gramophone;
	union lamp_address lamp;
	struct actor_address *devices[3];
	size_t i;

	CHECK(actor_pool_create(NULL, &pool));
	spawner = actor_executor_spawner(pool);
	CHECK(ACTOR_SPAWN(radio, spawner, &radio_state, ACTOR_OPTIONS(.name = "radio"), &radio));
	CHECK(ACTOR_SPAWN(gramophone, spawner, NULL, ACTOR_OPTIONS(.name = "gramophone"),
			  &gramophone));
	CHECK(ACTOR_SPAWN(lamp, spawner, NULL, ACTOR_OPTIONS(.name = "lamp"), &lamp));

	play(context, ACTOR_FOR_ALL(player, PLAYER_MESSAGES, radio), "Take Five");
	CHECK(ACTOR_CALL(context, radio, tune, NULL, &(struct tune){ .kilohertz = 648 }));

	devices[0] = radio.address;
	devices[1] = gramophone.address;
	devices[2] = lamp.address;
	for (i = 0; i < 3; i++)
		play_if_possible(context, devices[i], "So What");
	for (i = 0; i < 3; i++)
		actor_address_unref(devices[i]);
	end_executor(pool);
	return EXIT_SUCCESS;
}
