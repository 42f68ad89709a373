/* SPDX-License-Identifier: MIT */

#include "supervisor-fixture.h"

#include <string.h>

struct role roles[N_ROLES];
struct actor_executor *executor;
struct actor_child children[N_ROLES];
struct actor_supervisor_options supervisor_options, inner_options;
struct actor_spawner *supervisor_spawner;
union actor_supervisor_address supervisor;
struct actor_mailbox *supervisor_mailbox;

/* ---- children ---- */

static int in_started(struct actor_context *context, void *user)
{
	struct role *role = user;

	note(context, role->name);
	return role->in_started ? role->in_started(context, role) : 0;
}

static int in_stopped(struct actor_context *context, void *user)
{
	struct role *role = user;

	return note(context, role->small);
}

static int make_role(void *user, void **ret_state)
{
	struct role *role = user;

	if (role->n_refusals > 0) {
		role->n_refusals--;
		return role->make_status;
	}
	if (role->n_made < N_ELEMENTS(role->made_ns))
		role->made_ns[role->n_made] = actor_executor_now(executor);
	role->n_made++;
	*ret_state = &role->state;
	return 0;
}

static void drop_role(void *user)
{
	((struct role *)user)->n_drops++;
}

struct actor_child child_of(unsigned index)
{
	struct actor_child child = ACTOR_CHILD(hand, .make = make_role);

	child.user = &roles[index];
	child.name = roles[index].name;
	return child;
}

struct actor_child owned_child(unsigned index)
{
	struct actor_child child = child_of(index);

	child.drop = drop_role;
	return child;
}

int fail_now(struct actor_context *context, void *user)
{
	(void)user;
	ACTOR_FAIL(context, "as told");
}

int stop_now(struct actor_context *context, void *user)
{
	(void)user;
	return actor_stop(context, ACTOR_STOP_NOW);
}

int linger(struct actor_context *context, void *user)
{
	(void)user;
	return sleep_for(context, "9");
}

/* ---- the supervisor ---- */

void make_supervisor(unsigned n_children)
{
	struct actor_spawner *spawner = supervisor_spawner ? supervisor_spawner
							   : actor_executor_spawner(executor);
	struct actor_supervisor *state;

	supervisor_options.children = children;
	supervisor_options.n_children = n_children;
	assert_int_equal(actor_supervisor_create(&supervisor_options, &state), 0);
	assert_int_equal(actor_spawn_mailbox(spawner, &actor_supervisor_behavior, state,
					     ACTOR_OPTIONS(.name = "boss"), &supervisor.address,
					     &supervisor_mailbox),
			 0);
	wait_for_all();
}

int add_child(struct actor_child child, struct actor_address **ret_address)
{
	struct actor_child_add add = { child };
	int rc = ACTOR_CALL(here(), supervisor, actor_child_add, ret_address, &add);

	actor_message_drop(&actor_child_add_type, &add);
	return rc;
}

void make_tree(void)
{
	inner_options.children = &children[2];
	inner_options.n_children = 2;
	children[1] = (struct actor_child)ACTOR_SUPERVISOR_CHILD("inner", &inner_options);
	make_supervisor(2);
}

struct actor_children list_of(union actor_supervisor_address of)
{
	struct actor_children listed = { 0 };

	assert_int_equal(
		ACTOR_CALL(here(), of, actor_child_list, &listed, &(struct actor_child_list){ 0 }),
		0);
	return listed;
}

struct actor_children list(void)
{
	return list_of(supervisor);
}

union hand_address child_at(size_t index)
{
	struct actor_children listed = list();
	union hand_address hand = { NULL };

	if (index < listed.n)
		hand.address = actor_address_ref(listed.each[index].address);
	actor_children_drop(&listed);
	return hand;
}

void tell_child(size_t index, hand_fn *function, void *user)
{
	tell_and_let_go(child_at(index), function, user);
}

void fail_child(size_t index)
{
	tell_child(index, fail_now, NULL);
	wait_for_all();
}

size_t n_listed(void)
{
	struct actor_children listed = list();
	size_t n = listed.n;

	actor_children_drop(&listed);
	return n;
}

unsigned n_restarts_of(size_t index)
{
	struct actor_children listed = list();
	unsigned n = index < listed.n ? listed.each[index].n_restarts : 999;

	actor_children_drop(&listed);
	return n;
}

void pass(int64_t ns)
{
	assert_int_equal(actor_sleep_until(here(), actor_now(here()) + ns), 0);
}

enum actor_ended ended(char *ret_text, size_t n_text)
{
	struct actor_end end;

	assert_int_equal(actor_mailbox_join(here(), supervisor_mailbox, ACTOR_FOREVER, &end), 0);
	if (ret_text)
		snprintf(ret_text, n_text, "%s", end.failure ? end.failure->text : "");
	actor_end_drop(&end);
	actor_mailbox_detach(supervisor_mailbox);
	supervisor_mailbox = NULL;
	return end.how;
}

void let_go_of_supervisor(void)
{
	actor_address_unref(supervisor.address);
	supervisor.address = NULL;
	assert_int_equal(ended(NULL, 0), ACTOR_ENDED_STOPPED);
}

int supervisor_set_up(void **state)
{
	if (simulation_set_up(state) != 0)
		return -1;
	actor_log_set_sink(NULL, NULL, ACTOR_LOG_NONE);
	options.strategy = ACTOR_SIMULATION_FIFO;
	executor = open_simulation();
	supervisor_spawner = NULL;
	memset(roles, 0, sizeof roles);
	for (unsigned i = 0; i < N_ROLES; i++) {
		roles[i].name[0] = (char)('A' + i);
		roles[i].small[0] = (char)('a' + i);
		roles[i].state.in_started = in_started;
		roles[i].state.in_stopped = in_stopped;
		roles[i].state.user = &roles[i];
		children[i] = child_of(i);
	}
	supervisor_options = inner_options = (struct actor_supervisor_options){
		.size = sizeof supervisor_options,
	};
	return 0;
}

int supervisor_tear_down(void **state)
{
	actor_address_unref(supervisor.address);
	actor_mailbox_destroy(supervisor_mailbox);
	supervisor.address = NULL;
	supervisor_mailbox = NULL;
	close_simulation(executor);
	return simulation_tear_down(state);
}
