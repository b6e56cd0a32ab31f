"""Audio on its way in and out: conversion, batching, and the recogniser that a track has."""
