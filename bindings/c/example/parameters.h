/* Keys and applications of the example: parameters.c. */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

/* Modulus of the authority of the contact card: exponent 3, index D2. */
extern const uint8_t visa_modulus[248];

/* The authority of the QuickPass card, as TLV. */
extern const uint8_t unionpay_key[];
extern const size_t unionpay_key_length;

/* The application of the QuickPass card and its limits, as TLV. */
extern const uint8_t unionpay_application[];
extern const size_t unionpay_application_length;

#endif
