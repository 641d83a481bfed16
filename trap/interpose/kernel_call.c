/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_call.h"

#include <pthread.h>
#include <sys/single_threaded.h>

long kernel_call_cancellable(long number, long a, long b, long c, long d, long e, long f)
{
    int type;
    if (__libc_single_threaded)
        return real_result(host_call6(number, a, b, c, d, e, f));
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    long result = host_call6(number, a, b, c, d, e, f);
    pthread_setcanceltype(type, NULL);
    return real_result(result);
}
