// SPDX-License-Identifier: Apache-2.0
// fw_cfg [dropped | holding PROGRAM [ARGUMENT...]]: reads the signature of QEMU's firmware configuration
// (docs/specs/fw_cfg in its sources) by ports 0x510, which selects, and 0x511, a string instruction on which gives one
// byte after the other. `dropped`: as nobody, who was root when it asked for the ports. `holding`: executes a program
// that has all ports.
#include <stdio.h>
#include <sys/io.h>
#include <unistd.h>

enum { SELECTOR = 0x510, DATA = 0x511, SIGNATURE = 0, BYTES = 4, NOBODY = 65534, PORTS = 65536 };

int main(int count, char **arguments)
{
    char signature[BYTES + 1] = "";
    if (count > 2) {
        if (ioperm(0, PORTS, 1) == 0)
            execvp(arguments[2], arguments + 2);
        perror("fw_cfg holding");
        return 1;
    }
    if (ioperm(SELECTOR, 2, 1) != 0 || (count > 1 && setuid(NOBODY) != 0)) {
        perror("fw_cfg");
        return 1;
    }
    outw(SIGNATURE, SELECTOR);
    insb(DATA, signature, BYTES);
    return puts(signature) == EOF;
}
