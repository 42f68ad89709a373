/* SPDX-License-Identifier: MIT */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&pool_subject, argc, argv);
}
